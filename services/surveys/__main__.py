from services.access.write_service import VERSION
from services.chassis.process import run_process
from services.surveys.bootstrap import INDEXES, NAME, build
from services.surveys.settings import Settings

if __name__ == "__main__":
    run_process(NAME, VERSION, Settings, build, INDEXES)
