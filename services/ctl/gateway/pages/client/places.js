// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
export function placed(order, { entry, after_teacher_id: after }) {
    const others = order.filter((each)=>each !== entry.teacher_id);
    const was = order.indexOf(entry.teacher_id);
    const behind = after === null ? 0 : others.indexOf(after) + 1 || (was < 0 ? others.length : was);
    return [
        ...others.slice(0, behind),
        entry.teacher_id,
        ...others.slice(behind)
    ];
}
