"""Starts a student's Jupyter server in a home of its own, with limits that Linux's control groups keep."""

import os
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner
from lessons import copy_lessons
from traitlets import Unicode

GROUPS = Path("/sys/fs/cgroup")


class ClassSpawner(SimpleLocalProcessSpawner):
    course = Unicode(help="folder of the course; students read it").tag(config=True)
    homes = Unicode(help="folder of the students' homes").tag(config=True)

    @property
    def home(self):
        return Path(self.homes) / self.user.name

    def user_env(self, env):
        env = super().user_env(env)
        share = f"{self.course}/.venv/share/jupyter"
        env.update(
            HOME=str(self.home),
            JUPYTER_PATH=share,
            JUPYTERLAB_DIR=f"{share}/lab",
            # What loads JupyterLab into the server stands in the course's environment, not in the hub's own.
            JUPYTER_CONFIG_PATH=f"{self.course}/.venv/etc/jupyter",
            JUPYTER_PREFER_ENV_PATH="1",
            LAB_HISTORY=str(self.home / ".history.jsonl"),
            LAB_DEVICE=os.environ.get("LAB_DEVICE", "cpu"),
            # glibc keeps freed memory for each of its arenas, of which it makes eight a core.
            MALLOC_ARENA_MAX="2",
        )
        if self.cpu_limit:  # else TensorFlow starts a thread for every core of the machine, which then wait for their turn
            env["TF_NUM_INTRAOP_THREADS"] = str(max(1, round(self.cpu_limit)))
        if os.environ.get("LAB_QUICK"):
            env["LAB_QUICK"] = os.environ["LAB_QUICK"]
        return env

    async def start(self):
        copy_lessons(Path(self.course) / "notebooks", self.home / "lessons")
        self.notebook_dir = str(self.home)
        self.groups = make_groups(self.user.name, self.mem_limit, self.cpu_limit)
        if not self.groups:
            self.log.warning("no control groups can be made here: %s has no limits", self.user.name)
        return await super().start()

    def make_preexec_fn(self, name):
        before, groups, home = super().make_preexec_fn(name), self.groups, self.home

        def enter():
            home.mkdir(parents=True, exist_ok=True)
            os.chdir(home)
            for group in groups:  # what the server starts is in the group, too
                (group / "cgroup.procs").write_text(str(os.getpid()))
            if before:
                before()

        return enter


def make_groups(name, memory, processors):
    """A control group for a student, in version 1 or 2; an empty list where none can be made."""
    quota = int(processors * 100_000) if processors else -1
    try:
        if (GROUPS / "cgroup.controllers").exists():
            return [limited(GROUPS / "latentlab" / name, {"memory.max": memory, "cpu.max": f"{quota} 100000"})]
        return [
            limited(own_group("memory") / "latentlab" / name, {"memory.limit_in_bytes": memory}),
            limited(own_group("cpu") / "latentlab" / name, {"cpu.cfs_quota_us": quota}),
        ]
    except OSError:
        return []


def limited(group, limits):
    group.mkdir(parents=True, exist_ok=True)
    for file, value in limits.items():
        (group / file).write_text(str(value))
    return group


def own_group(controller):
    """The version 1 group in which this process is."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return GROUPS / controller / path.lstrip("/")
    raise OSError(f"no control group for {controller}")
