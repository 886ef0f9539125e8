// The services of the local stack, and how they are.

const answer = await fetch("/local/services");
const { services } = await answer.json();
document.getElementById("services").replaceChildren(...services.map(({ name, tells, ready, why }) => {
  const item = document.createElement("li");
  const docs = document.createElement("a");
  docs.href = `/${name}/docs`;
  docs.textContent = name;
  item.append(docs, ` ${ready ? "ready" : `not ready: ${why}`}. ${tells}`);
  return item;
}));
