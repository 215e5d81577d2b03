/** What surrounds the image: compose file, dev container, Binder, Kubernetes; each held against what it names. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { DockerfileParser } from 'dockerfile-ast';
import { pythonInVenv } from '../../scripts/notebooks/command';
import { inProject } from '../../scripts/setup/paths';
import { PYTHON_RANGE } from '../../scripts/setup/python';

const read = (...file: string[]) => fs.readFileSync(inProject(...file), 'utf8');
const manifest = JSON.parse(read('package.json'));

/** A YAML file's content, read by Python, whose PyYAML comes with JupyterLab. */
function yaml<T>(...file: string[]): T {
  const code = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding="utf8"))))';
  return JSON.parse(execFileSync(pythonInVenv(), ['-c', code, inProject(...file)], { encoding: 'utf8' }));
}

interface Service {
  build: { target: string; args: object };
  ports: string[];
  volumes: string[];
  environment?: object;
}
interface Values {
  hub: { config: { JupyterHub: { authenticator_class: string } } };
  singleuser: {
    image: { tag: string };
    storage: { homeMountPath: string };
    cmd: string[];
    memory: { limit: string };
    cpu: { limit: number };
    extraEnv: object;
    lifecycleHooks: { postStart: { exec: { command: string[] } } };
  };
  cull: { timeout: number };
}

const instructions = DockerfileParser.parse(read('Dockerfile')).getInstructions();
const words = (keyword: string): string[][] =>
  instructions
    .filter(each => each.getKeyword() === keyword)
    .map(each => each.getArguments().map(argument => argument.getValue()));
const stages = words('FROM').map(([, , name]) => name);

test('the compose file builds stages that there are, with arguments that they take, on ports that they open', () => {
  const { services, volumes } = yaml<{ services: Record<string, Service>; volumes: object }>('compose.yaml');
  assert.deepEqual(Object.keys(services), ['lab', 'hub']);
  const opened = words('EXPOSE').flat();
  const taken = words('ARG').map(([argument]) => argument.split('=')[0]);
  for (const [name, { build, ports, volumes: mounts }] of Object.entries(services)) {
    assert.equal(build.target, name);
    assert.ok(stages.includes(name));
    assert.deepEqual(Object.keys(build.args), taken);
    for (const port of ports) {
      const [address, outside, inside] = port.split(':');
      assert.equal(address, '127.0.0.1', 'nobody else reaches it unless asked to');
      assert.equal(outside, inside);
      assert.ok(opened.includes(inside));
    }
    for (const mount of mounts) assert.ok(/^\.\//.test(mount) || mount.split(':')[0] in volumes, mount);
  }
  const hub = JSON.parse(words('CMD')[0].join(' ')) as string[];
  assert.equal(services.hub.volumes[0].split(':')[1], hub[4], "the class's folder");
  for (const name of Object.keys(services.hub.environment!)) assert.ok(read('scripts', 'hub.ts').includes(`'${name}'`));
  assert.equal(services.lab.volumes[0], 'work:/course/notebooks/my-work');
});

test('the dev container stands on a stage that has the compiler, and runs a command that there is', () => {
  const { build, remoteUser, postCreateCommand, forwardPorts } = JSON.parse(read('.devcontainer', 'devcontainer.json'));
  assert.ok(fs.existsSync(inProject('.devcontainer', build.dockerfile)));
  assert.ok(fs.existsSync(inProject('.devcontainer', build.context, 'package.json')));
  assert.equal(build.target, 'build');
  const at = stages.indexOf(build.target);
  assert.match(read('Dockerfile').split(/^FROM /m)[at + 1], /g\+\+/);
  assert.ok(words('USER').every(([user]) => user === remoteUser));
  assert.ok(postCreateCommand.replace(/^npm run /, '') in manifest.scripts);
  assert.ok(words('EXPOSE').flat().includes(String(forwardPorts[0])));
});

test('Binder gets a Node and a Python that the course takes; its scripts do what they say', () => {
  const binder = yaml<{ dependencies: string[] }>('binder', 'environment.yml').dependencies;
  const [python, node] = ['python', 'nodejs'].map(
    name => binder.find(line => line.startsWith(`${name}=`))!.split('=')[1],
  );
  const minor = Number(python.split('.')[1]);
  assert.ok(minor >= PYTHON_RANGE.oldest[1] && minor <= PYTHON_RANGE.newest[1]);
  assert.match(manifest.engines.node, new RegExp(`[\\^=]${node}\\.`));
  assert.ok(binder.includes('cxx-compiler'));
  for (const script of ['postBuild', 'start']) {
    execFileSync('bash', ['-n', inProject('binder', script)]);
    assert.ok(fs.statSync(inProject('binder', script)).mode & 0o100, `${script} can be run`);
  }
  for (const [, name] of read('binder', 'postBuild').matchAll(/npm run (\S+)/g)) assert.ok(name in manifest.scripts);
  const argv = [inProject('binder', 'start'), 'printenv', 'JUPYTER_PATH'];
  const folder = execFileSync('bash', argv, { cwd: inProject(), encoding: 'utf8' }).trim().split(':')[0];
  assert.ok(fs.existsSync(`${folder}/kernels/tslab/kernel.json`), 'the kernel is found there');
});

test('the values for Kubernetes name what the image and the hub on one machine have, too', () => {
  const { singleuser, hub, cull } = yaml<Values>('deploy', 'zero-to-jupyterhub.yaml');
  const [config, spawner] = ['jupyterhub_config.py', 'class_spawner.py'].map(name =>
    read('scripts', 'classes', 'hub', name),
  );
  const requirements = read('scripts', 'classes', 'hub', 'requirements.txt');
  const version = /^jupyterhub==(\d+\.\d+)/m.exec(requirements)![1];
  assert.ok(read('deploy', 'zero-to-jupyterhub.yaml').includes(`JupyterHub ${version}:`));
  assert.equal(singleuser.image.tag, manifest.version);
  assert.ok(config.includes(`authenticator_class = "${hub.config.JupyterHub.authenticator_class}"`));
  assert.ok(!JSON.stringify(hub).includes('password":'), 'no password stands in the course');
  const [program, ...options] = singleuser.cmd;
  assert.equal(program, '/course/.venv-hub/bin/jupyterhub-singleuser');
  for (const option of options) if (/KernelManager/.test(option)) assert.ok(config.includes(`"${option}"`), option);
  for (const name of Object.keys(singleuser.extraEnv)) assert.ok(spawner.includes(name), name);
  assert.ok(config.includes(`"LAB_MEMORY", "${singleuser.memory.limit}"`));
  assert.ok(config.includes(`"LAB_CPUS", "${singleuser.cpu.limit}"`));
  assert.ok(config.includes(`--timeout=${cull.timeout}`));
  const inImage = (file: string) => inProject(file.replace(/^\/course\//, ''));
  const [, script, lessons, target] = singleuser.lifecycleHooks.postStart.exec.command;
  assert.ok([script, lessons].every(file => fs.existsSync(inImage(file))));
  assert.ok(target.startsWith(`${singleuser.storage.homeMountPath}/`));
});
