"""A table of widely used packages: which distribution an import name belongs to, and under which licence it is.

Data, checked by hand: `SAME` lists distributions whose import name is their own name in its normal form with `_` for `-`;
`OTHER` those where the two differ, dotted where a namespace is shared. `LICENCES` gives the SPDX expression of some, for
code whose imports are not installed here; it says what recent versions declare, so an installed distribution's own word
goes before it. `RENAMED` has the modules of Python 2 and what Python 3 calls them.
"""

from __future__ import annotations

SAME = frozenset("""
dataset duckdb oauth2client pyiceberg sparse triton
accelerate aenum aiobotocore aiofiles aiohttp aiomysql aiopg aioredis aiosignal aiosqlite alembic altair amqp anndata
annoy anthropic anyio apprise arch argcomplete arrow asgiref astor astroid astropy asttokens async_timeout asyncpg
asyncssh asynctest attrs autobahn autograd automat av babel backoff bandit bcrypt beartype bidict billiard binaryornot
black bleach blessed blinker blosc2 bokeh boltons boto3 botocore bottle bottleneck build cachecontrol cachetools
catboost cattrs celery certifi cffi chainer chardet charset_normalizer cherrypy click clickhouse_driver cligj
cloudpickle cmaes cmd2 colorama colorcet coloredlogs colorlog comm confluent_kafka contextily contourpy cookiecutter
coverage crcmod croniter cryptography cssselect cupy cvxopt cvxpy cycler cython cytoolz dacite dash dask databases
dataclasses_json datasets datashader deal deap debugpy decorator deepdiff deepspeed defusedxml deprecation diffusers
dill diskcache distlib distributed distro dnslib docker docopt docstring_parser docutils dynaconf ecdsa edward einops
elasticsearch emcee emoji environs evaluate eventlet exceptiongroup execnet executing fabric fairseq faker falcon
fastapi fastavro fastjsonschema fastparquet feedparser filelock fiona fire flake8 flask flask_cors flask_login
flask_migrate flask_sqlalchemy flask_wtf flax folium freezegun frozendict frozenlist fsspec ftfy funcy furl future
gensim geopandas geopy gevent gitdb gmpy2 gradio graphene graphviz greenlet grpclib gspread gunicorn gym gymnasium h11
h2 h5py hdbscan holoviews hpack html5lib httpcore httplib2 httptools httpx huggingface_hub humanize hvplot hyperlink
hyperopt hypothesis icecream icontract idna ijson imageio importlib_metadata importlib_resources incremental inflect
inflection influxdb iniconfig injector instructor invoke ipdb ipykernel ipywidgets isodate isort itsdangerous janus jax
jaxlib jaxtyping jedi jellyfish jieba jinja2 jmespath joblib json5 jsonlines jsonpatch jsonpickle jsonpointer jsonref
jsonschema jupyter jupyterlab keras keyring kiwisolver kombu korean_lunar_calendar kubernetes langchain
langchain_community langchain_core langchain_openai langdetect langgraph langsmith lark lazy_loader libcst librosa
lightgbm lightning line_profiler litellm llama_index llvmlite lockfile locust loguru luigi lxml lz4 mako
markdownify markupsafe marshmallow matplotlib mccabe mdurl mechanize memory_profiler mesa mido mistune mitmproxy mizani
ml_dtypes mlflow mlxtend mock modin molotov monai mongoengine more_itertools moto motor mpmath msal msgpack msgspec
multidict multimethod multipledispatch multiprocess munch mutagen mypy mypy_extensions narwhals natsort nbconvert
nbformat netaddr netifaces networkx nibabel nltk nose notebook nuitka numba numcodecs numexpr numpy numpyro oauthlib
omegaconf onnx onnxruntime openai openpyxl opt_einsum optax optuna orjson ortools osmnx oyaml packaging pandas pandera
panel papermill param paramiko parse parsel parso parsy partd passlib pastel pathos pathspec patsy pdfplumber peewee
peft pendulum pexpect pika pint pip pipdeptree pipenv platformdirs playwright plotly plotnine pluggy ply poetry polars
polyfactory pooch portalocker prefect prettytable probableparsing progress prometheus_client prompt_toolkit propcache
proselint protego psutil psycopg psycopg2 ptyprocess pulp pure_eval py py4j pyaml pyarrow pyasn1 pyasn1_modules
pyautogui pybind11 pycodestyle pycountry pycparser pycurl pydantic pydantic_core pydantic_settings pydeck pydot pydub
pyfakefs pyflakes pygame pyglet pygments pygsheets pylint pymc pymongo pymssql pymysql pynput pyodbc pyomo pypandoc
pyparsing pypdf pyperclip pyproj pyqtgraph pyramid pyro5 pyrsistent pysmt pysnmp pystache pytest pytest_asyncio
pytest_cov pytest_mock pyttsx3 pytz pyudev pyvis pyvista qrcode quart questionary radon rasterio ray readchar redis
referencing regex reportlab requests requests_cache requests_mock requests_oauthlib requests_toolbelt responses retry
retrying rich rich_click rope rpyc rq rsa ruff s3fs s3transfer sacrebleu safetensors sanic scapy schedule schema scipy
scrapy seaborn selectolax selenium semver sentence_transformers sentencepiece setproctitle setuptools sh shap shapely
shellingham simplejson simpy singledispatch six skops skorch slipcover smart_open smbprotocol smmap sniffio
snowballstemmer sortedcontainers sounddevice soundfile soupsieve spacy sphinx sqlalchemy sqlfluff sqlglot sqlmodel
sqlparse srsly sseclient stack_data stanza starlette statsmodels stevedore streamlit stripe structlog sympy tables
tabulate tblib tenacity tensorboard tensorflow tensorflow_datasets tensorflow_hub termcolor testcontainers testfixtures
textblob textdistance texttable textual thinc threadpoolctl tifffile tiktoken timm tinycss2 tinydb tldextract tokenizers
toml tomli tomli_w tomlkit toolz toposort torch torchaudio torchmetrics torchtext torchvision tornado tox tqdm traitlets
transformers tree_sitter trimesh trio trl tweepy twine twisted typeguard typer typing_extensions typing_inspect tzdata
tzlocal ujson ultralytics unidecode uritemplate urllib3 urwid uvicorn uvloop validators virtualenv voluptuous waitress
wandb wasabi watchdog watchfiles wcwidth webargs webcolors websockets webtest werkzeug wheel whoosh wordcloud wrapt
wsproto wtforms xarray xgboost xlrd xlsxwriter xlwt xmltodict xxhash yapf yarl yfinance youtube_dl yt_dlp zarr zeep zipp
zstandard
""".split())

OTHER = {
    "absl": "absl-py", "airflow": "apache-airflow", "albumentations": "albumentations", "angr": "angr",
    "ansible": "ansible", "antlr4": "antlr4-python3-runtime", "ibis": "ibis-framework", "theano": "Theano",
    "apache_beam": "apache-beam", "apscheduler": "APScheduler", "argon2": "argon2-cffi",
    "attr": "attrs", "attrs": "attrs", "azure.identity": "azure-identity", "azure.storage.blob": "azure-storage-blob",
    "Bio": "biopython", "bitsandbytes": "bitsandbytes", "bluetooth": "PyBluez", "bs4": "beautifulsoup4", "bson": "pymongo",
    "capstone": "capstone", "casadi": "casadi", "cassandra": "cassandra-driver", "charset_normalizer": "charset-normalizer",
    "chromadb": "chromadb", "clickhouse_connect": "clickhouse-connect", "cohere": "cohere", "community": "python-louvain",
    "consul": "python-consul", "control": "control", "corsheaders": "django-cors-headers",
    "crispy_forms": "django-crispy-forms", "crosshair": "crosshair-tool", "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex", "cv2": "opencv-python", "cvc5": "cvc5", "Cython": "Cython", "cython": "Cython",
    "d3rlpy": "d3rlpy", "dateparser": "dateparser", "dateutil": "python-dateutil", "deprecated": "Deprecated",
    "detectron2": "detectron2", "dgl": "dgl", "discord": "discord.py", "django": "Django",
    "django_filters": "django-filter", "dlib": "dlib", "dns": "dnspython", "docx": "python-docx",
    "dogpile.cache": "dogpile.cache", "dotenv": "python-dotenv", "easyocr": "easyocr", "engineio": "python-engineio",
    "environ": "django-environ", "etcd3": "etcd3", "face_recognition": "face-recognition", "factory": "factory-boy",
    "faiss": "faiss-cpu", "filterpy": "filterpy", "fitz": "PyMuPDF", "flair": "flair", "flask_restful": "Flask-RESTful",
    "fontTools": "fonttools", "ftputil": "ftputil", "genshi": "Genshi", "gguf": "gguf", "gi": "PyGObject",
    "git": "GitPython", "github": "PyGithub", "gitlab": "python-gitlab", "gnupg": "python-gnupg",
    "google.auth": "google-auth", "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.pubsub": "google-cloud-pubsub", "google.cloud.pubsub_v1": "google-cloud-pubsub",
    "google.cloud.storage": "google-cloud-storage", "google.generativeai": "google-generativeai",
    "google.oauth2": "google-auth", "google.protobuf": "protobuf", "google_auth_oauthlib": "google-auth-oauthlib",
    "googleapiclient": "google-api-python-client", "graphql": "graphql-core", "grpc": "grpcio", "gurobipy": "gurobipy",
    "gym_minigrid": "gym-minigrid", "happybase": "happybase", "haystack": "haystack-ai", "highspy": "highspy",
    "hvac": "hvac", "hydra": "hydra-core", "igraph": "igraph", "imblearn": "imbalanced-learn", "imgaug": "imgaug",
    "impala": "impyla", "IPython": "ipython", "jenkins": "python-jenkins", "jks": "pyjks", "jose": "python-jose",
    "jsonschema": "jsonschema", "jwt": "PyJWT", "kafka": "kafka-python", "kazoo": "kazoo", "keras": "keras",
    "konlpy": "konlpy", "kornia": "kornia", "ldap": "python-ldap", "ldap3": "ldap3", "Levenshtein": "Levenshtein",
    "libtmux": "libtmux", "lxml": "lxml", "magic": "python-magic", "markdown": "Markdown", "markdown_it": "markdown-it-py",
    "markdownify": "markdownify", "mediapipe": "mediapipe", "memcache": "python-memcached", "minio": "minio", "mip": "mip",
    "mistralai": "mistralai", "mpl_toolkits": "matplotlib", "multipart": "python-multipart",
    "mysql": "mysql-connector-python", "mysql.connector": "mysql-connector-python", "MySQLdb": "mysqlclient",
    "nacl": "PyNaCl", "napalm": "napalm", "nats": "nats-py", "neo4j": "neo4j", "netmiko": "netmiko", "nmap": "python-nmap",
    "ollama": "ollama", "open_clip": "open-clip-torch", "OpenGL": "PyOpenGL", "opensearchpy": "opensearch-py",
    "OpenSSL": "pyOpenSSL", "opentelemetry": "opentelemetry-api", "opentelemetry.sdk": "opentelemetry-sdk", "osgeo": "GDAL",
    "paho": "paho-mqtt", "paho.mqtt": "paho-mqtt", "past": "future", "pdfminer": "pdfminer.six", "pettingzoo": "PettingZoo",
    "pexpect": "pexpect", "PIL": "pillow", "pinecone": "pinecone", "pip_audit": "pip-audit", "pkg_resources": "setuptools",
    "pl_bolts": "lightning-bolts", "pptx": "python-pptx", "progressbar": "progressbar2", "proto": "proto-plus",
    "psycopg2": "psycopg2", "pwn": "pwntools", "pyaudio": "PyAudio", "pycocotools": "pycocotools",
    "pydantic_settings": "pydantic-settings", "PyInstaller": "pyinstaller", "pylab": "matplotlib",
    "pymdownx": "pymdown-extensions", "pymemcache": "pymemcache", "pymilvus": "pymilvus", "pymodbus": "pymodbus",
    "pymupdf": "PyMuPDF", "PyPDF2": "PyPDF2", "PyQt5": "PyQt5", "PyQt6": "PyQt6", "Pyro5": "Pyro5", "pysat": "python-sat",
    "pysftp": "pysftp", "PySide2": "PySide2", "PySide6": "PySide6", "pyspark": "pyspark", "pysrt": "pysrt",
    "pytesseract": "pytesseract", "pytest_asyncio": "pytest-asyncio", "pythoncom": "pywin32",
    "pythonjsonlogger": "python-json-logger", "pytorch_lightning": "pytorch-lightning", "pyvisa": "PyVISA",
    "pywintypes": "pywin32", "pywt": "PyWavelets", "pyximport": "Cython", "pyzbar": "pyzbar",
    "qdrant_client": "qdrant-client", "qtpy": "QtPy", "r2pipe": "r2pipe", "rapidfuzz": "RapidFuzz",
    "rest_framework": "djangorestframework", "robot": "robotframework", "rpds": "rpds-py", "ruamel": "ruamel.yaml",
    "ruamel.yaml": "ruamel.yaml", "segmentation_models_pytorch": "segmentation-models-pytorch", "sentry_sdk": "sentry-sdk",
    "serial": "pyserial", "shiboken6": "PySide6", "skfuzzy": "scikit-fuzzy", "skimage": "scikit-image",
    "sklearn": "scikit-learn", "skopt": "scikit-optimize", "sksparse": "scikit-sparse", "slack": "slackclient",
    "slack_bolt": "slack-bolt", "slack_sdk": "slack-sdk", "slugify": "python-slugify", "snappy": "python-snappy",
    "snowflake.connector": "snowflake-connector-python", "socketio": "python-socketio", "socks": "PySocks",
    "spdx_tools": "spdx-tools", "speech_recognition": "SpeechRecognition", "sqlalchemy": "SQLAlchemy",
    "stable_baselines3": "stable-baselines3", "stdnum": "python-stdnum", "storages": "django-storages",
    "surprise": "scikit-surprise", "ta": "ta", "talib": "TA-Lib", "telebot": "pyTelegramBotAPI",
    "telegram": "python-telegram-bot", "telethon": "Telethon", "tensorboardX": "tensorboardX",
    "tensorflow_probability": "tensorflow-probability", "tlz": "toolz", "torch_geometric": "torch-geometric",
    "torch_scatter": "torch-scatter", "tree_sitter_language_pack": "tree-sitter-language-pack", "umap": "umap-learn",
    "unicorn": "unicorn", "usb": "pyusb", "vcr": "vcrpy", "vlc": "python-vlc", "vllm": "vllm",
    "weaviate": "weaviate-client", "websocket": "websocket-client", "whisper": "openai-whisper", "win32api": "pywin32",
    "win32com": "pywin32", "win32con": "pywin32", "win32gui": "pywin32", "wx": "wxPython", "Xlib": "python-xlib",
    "xlsxwriter": "XlsxWriter", "yaml": "PyYAML", "yaml_env_tag": "pyyaml-env-tag",
    "youtube_transcript_api": "youtube-transcript-api", "z3": "z3-solver", "zmq": "pyzmq",
    "zope.interface": "zope.interface",
}

RENAMED = {
    "BaseHTTPServer": "http.server", "ConfigParser": "configparser", "Cookie": "http.cookies", "HTMLParser": "html.parser",
    "Queue": "queue", "SimpleHTTPServer": "http.server", "SocketServer": "socketserver", "StringIO": "io.StringIO",
    "Tkinter": "tkinter", "cPickle": "pickle", "cStringIO": "io.StringIO", "commands": "subprocess",
    "cookielib": "http.cookiejar", "copy_reg": "copyreg", "htmlentitydefs": "html.entities", "httplib": "http.client",
    "tkMessageBox": "tkinter.messagebox", "thread": "_thread", "urllib2": "urllib.request", "urlparse": "urllib.parse",
    "xmlrpclib": "xmlrpc.client", "exceptions": "builtins", "md5": "hashlib", "sets": "set", "imp": "importlib",
    "distutils": "setuptools", "asynchat": "asyncio", "asyncore": "asyncio", "__builtin__": "builtins",
}

_BY_LICENCE = {
    "MIT": """
        alembic anthropic attrs beautifulsoup4 black boto bottle cachetools cattrs charset-normalizer dacite dash
        einops exceptiongroup fastapi flask-cors gunicorn h11 hyperlink jmespath jsonschema langchain langchain-core
        langchain-openai loguru marshmallow mypy mypy-extensions openpyxl orator peewee plotly pluggy polars pydantic
        pydantic-core pyjwt pymysql pyodbc pyparsing pytest python-docx python-pptx pytz pyyaml radon redis rich ruff
        shap six spacy sqlalchemy sqlmodel tabulate termcolor textual tiktoken tinydb toml tomli tomlkit tox typer
        urllib3 validators virtualenv wcwidth wheel xlsxwriter xmltodict z3-solver""",
    "Apache-2.0": """
        accelerate aiofiles aiohttp bandit boto3 botocore coverage datasets diffusers docker elasticsearch evaluate
        fire frozenlist google-auth google-cloud-bigquery google-cloud-storage grpcio huggingface-hub jax jaxlib keras
        kubernetes mlflow multidict multimethod openai opencv-python optax ortools peft prometheus-client pyarrow
        pyfakefs pymongo pyopenssl pyspark python-multipart ray requests responses safetensors selenium
        sentence-transformers streamlit tenacity tensorflow tokenizers tornado transformers trl xgboost yarl""",
    "BSD-3-Clause": """
        bokeh celery click cloudpickle dask django djangorestframework flask fsspec h5py httpx idna ipython
        itsdangerous jinja2 joblib markupsafe mpmath networkx numpy pandas passlib patsy prompt-toolkit protobuf
        psutil pycparser python-dotenv pyzmq scikit-image scikit-learn scipy scrapy seaborn sqlparse starlette
        statsmodels sympy torch torchvision traitlets uvicorn websockets werkzeug zstandard""",
    "BSD-2-Clause": "imageio numba pygments sphinx",
    "ISC": "dnspython pexpect ptyprocess requests-oauthlib shellingham",
    "MPL-2.0": "certifi hypothesis pathspec",
    "MPL-2.0 AND MIT": "tqdm",
    "MIT-CMU": "pillow",
    "Apache-2.0 OR BSD-3-Clause": "cryptography",
    "Apache-2.0 OR BSD-2-Clause": "packaging",
    "MIT OR Apache-2.0": "sniffio structlog trio",
    "PSF-2.0": "typing-extensions",
    "LGPL-2.1-or-later": "astroid paramiko",
    "LGPL-3.0-or-later": "gmpy2 psycopg psycopg2 psycopg2-binary pygithub",
    "LGPL-3.0-only": "pynput pyside2 pyside6 python-telegram-bot",
    "GPL-2.0-or-later": "igraph mutagen mysqlclient pylint unidecode",
    "GPL-3.0-only": "html2text pyqt5 pyqt6",
    "GPL-3.0-or-later": "ansible cvxopt",
    "AGPL-3.0-only": "pymupdf ultralytics",
    "GPL-2.0-or-later WITH Bootloader-exception": "pyinstaller",
    "GPL-2.0-only": "scapy",
}
LICENCES = {name: expression for expression, names in _BY_LICENCE.items() for name in names.split()}
