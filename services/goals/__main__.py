from services.chassis.beginning import begin

if __name__ == "__main__":
    begin()  # before the imports that take long

    from services.assembly.process import run_service
    from services.goals.bootstrap import INDEXES, NAME, build
    from services.goals.settings import Settings

    run_service(NAME, Settings, build, INDEXES)
