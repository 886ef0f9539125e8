from services.chassis.beginning import end_when_told

if __name__ == "__main__":
    end_when_told()  # before the imports that take long

    from services.access.write_service import VERSION
    from services.chassis.process import run_process
    from services.insights.bootstrap import INDEXES, NAME, build
    from services.insights.settings import Settings

    run_process(NAME, VERSION, Settings, build, INDEXES)
