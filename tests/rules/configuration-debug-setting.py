SECRET_KEY = load()
# ruleid: configuration-debug-setting
DEBUG = True
ALLOWED_HOSTS = ["example.org"]


class ProductionConfig(Base):
    # ruleid: configuration-debug-setting
    DEBUG = True


class DevelopmentConfig(Base):
    # ok: configuration-debug-setting
    DEBUG = True


class Production(Base):
    # ok: configuration-debug-setting
    DEBUG = False


def trace():
    # ok: configuration-debug-setting
    debug = True
    return debug
