from services.access.write_service import VERSION
from services.chassis.process import run_process
from services.chassis.settings import ChassisSettings
from services.goals.bootstrap import INDEXES, NAME, build

if __name__ == "__main__":
    run_process(NAME, VERSION, ChassisSettings, build, INDEXES)
