"""JupyterHub for a class on one Linux machine. `npm run hub -- FOLDER` sets the variables that start with LAB_ and starts it.

FOLDER holds students.txt (one name a line), and what the hub makes: home/NAME with everybody's own work, the hub's state.
All servers run as the user that starts the hub: this is for people who trust one another. docs/classes.md says what was tried.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from class_spawner import ClassSpawner  # noqa: E402

course = HERE.parents[2]
folder = Path(os.environ["LAB_CLASS"])
names = (folder / "students.txt").read_text(encoding="utf8").split()

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = os.environ.get("LAB_HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ.get('LAB_HUB_PORT', '8081')}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ.get('LAB_PROXY_PORT', '8001')}"
c.ConfigurableHTTPProxy.command = os.environ["LAB_PROXY"].split("|")
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.JupyterHub.cleanup_servers = True

# Who may come in: the names of students.txt with the class's password, `teacher` with another.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["LAB_CLASS_PASSWORD"]
c.SharedPasswordAuthenticator.admin_password = os.environ["LAB_TEACHER_PASSWORD"]
c.Authenticator.allowed_users = set(names)
c.Authenticator.admin_users = {"teacher"}

# What each gets: a copy of the lessons to work in, the course's kernel and lib, so much memory and processor.
c.JupyterHub.spawner_class = ClassSpawner
c.ClassSpawner.course = str(course)
c.ClassSpawner.homes = str(folder / "home")
c.Spawner.cmd = [str(Path(sys.executable).parent / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.mem_limit = os.environ.get("LAB_MEMORY", "1500M")
c.Spawner.cpu_limit = float(os.environ.get("LAB_CPUS", "2"))
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 10
# Kernels that idle for half an hour end; so do servers after an hour.
c.Spawner.args = [
    "--MultiKernelManager.default_kernel_name=tslab",
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=300",
    "--ServerApp.allow_root=True",
]
c.JupyterHub.services = [
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
if os.environ.get("LAB_TRIAL_TOKEN"):  # npm run hub -- --trial
    c.JupyterHub.services.append({"name": "trial", "api_token": os.environ["LAB_TRIAL_TOKEN"]})
    c.JupyterHub.load_roles.append(
        {"name": "trial", "services": ["trial"], "scopes": ["admin:users", "admin:servers", "access:servers"]}
    )
