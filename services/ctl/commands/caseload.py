import typer

app = typer.Typer(help="Views.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...
