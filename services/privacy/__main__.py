from services.chassis.beginning import end_when_told

if __name__ == "__main__":
    end_when_told()  # before the imports that take long

    from services.assembly.process import run_service
    from services.privacy.bootstrap import INDEXES, NAME, build
    from services.privacy.settings import Settings

    run_service(NAME, Settings, build, INDEXES)
