// Fifty files onto ten hosts and back again, by orion and by Debian's ansible, side by side against the same sshd.
//
// What keeps it fair, or is in ansible's favour: pipelining, ten forks, ControlPersist (ansible's default), no facts gathered;
// both log in as the same user with the same key, both write the same files and read all of them back. orion's time has the
// start of its process in it, and that every file is synced to disk before it is renamed.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../real/program.ts'
import { type Figure, median } from './measure.ts'

const PROGRAM = fileURLToPath(new URL('copy-program.js', import.meta.url))
const FILES = 50
const HOSTS = Array.from({ length: 10 }, (_, index) => `127.0.1.${index + 1}`)
const LEAST = 10

const PLAYBOOK = `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: "{{ target }}/{{ inventory_hostname }}", state: directory }
    - copy: { src: "{{ item }}", dest: "{{ target }}/{{ inventory_hostname }}/", mode: "0644" }
      with_fileglob: "{{ source }}/*"
    - slurp: { path: "{{ target }}/{{ inventory_hostname }}/{{ item | basename }}" }
      with_fileglob: "{{ source }}/*"
`

interface Server {
  readonly dir: string
  readonly port: number
  readonly identityFile: string
  readonly knownHosts: string
  stop(): void
}

const keygen = (file: string): unknown => execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** One sshd that answers on ten addresses: the same one for both. */
async function startServer(dir: string): Promise<Server> {
  const [identityFile, hostKey, knownHosts] = ['id', 'host', 'known_hosts'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ]
  keygen(identityFile)
  keygen(hostKey)
  const port = await freePort()
  const key = execFileSync('ssh-keygen', ['-y', '-f', hostKey], { encoding: 'utf8' }).trim()
  writeFileSync(knownHosts, HOSTS.map((host) => `[${host}]:${port} ${key}\n`).join(''))
  execFileSync('cp', [`${identityFile}.pub`, join(dir, 'authorized_keys')])
  const config = [
    ...HOSTS.map((host) => `ListenAddress ${host}:${port}`),
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    `PidFile ${join(dir, 'sshd.pid')}`,
    `SetEnv HOME=${dir}`, // neither pays for what the user's ~/.bashrc does
    ...['StrictModes no', 'UsePAM no', 'MaxStartups 100', 'PermitRootLogin yes', 'LogLevel QUIET'],
  ]
  writeFileSync(join(dir, 'sshd_config'), `${config.join('\n')}\n`)
  mkdirSync('/run/sshd', { recursive: true })
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-f', join(dir, 'sshd_config')], { stdio: 'ignore' })
  const stop = () => void sshd.kill('SIGTERM')
  process.once('exit', stop)
  await answering(port)
  return { dir, port, identityFile, knownHosts, stop }
}

async function answering(port: number): Promise<void> {
  const knock = `until exec 3<>/dev/tcp/${HOSTS[0]}/${port}; do sleep 0.05; done 2>/dev/null`
  const { code } = await run('timeout', ['10', 'bash', '-c', knock])
  if (code !== 0) throw new Error('sshd does not answer')
}

/** One round of both; times in ms. Errors: where one does not do its work, there is nothing to compare. */
async function round(server: Server): Promise<[number, number]> {
  const { dir, port, identityFile, knownHosts } = server
  const source = join(dir, 'source')
  const user = userInfo().username
  const job = { source, hosts: HOSTS, port, user, identityFile, knownHosts, target: join(dir, 'by-orion') }
  writeFileSync(join(dir, 'job.json'), JSON.stringify(job))
  const own = await run(process.execPath, [PROGRAM, join(dir, 'job.json')])
  if (own.code !== 0) throw new Error(`orion: ${own.stderr.slice(-2000)}`)
  const vars = {
    ansible_port: port,
    ansible_user: user,
    ansible_ssh_private_key_file: identityFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}`,
    ansible_python_interpreter: '/usr/bin/python3',
    source,
    target: join(dir, 'by-ansible'),
  }
  const hosts = Object.fromEntries(HOSTS.map((host) => [host, {}]))
  writeFileSync(join(dir, 'inventory.yaml'), JSON.stringify({ all: { vars, hosts } }))
  writeFileSync(join(dir, 'playbook.yaml'), PLAYBOOK)
  const args = ['--forks', '10', '--inventory', join(dir, 'inventory.yaml'), join(dir, 'playbook.yaml')]
  const env = { ANSIBLE_PIPELINING: 'True', ANSIBLE_HOME: dir, ANSIBLE_LOCAL_TEMP: dir }
  const peer = await run('/usr/bin/ansible-playbook', args, { env, limitMs: 900_000 })
  if (peer.code !== 0) throw new Error(`ansible: ${peer.stdout.slice(-2000)}${peer.stderr.slice(-2000)}`)
  execFileSync('diff', ['-r', job.target, vars.target])
  rmSync(job.target, { recursive: true })
  rmSync(vars.target, { recursive: true })
  return [own.ms, peer.ms]
}

/** Alternates between the two, `rounds` times. */
export async function copying(rounds: number): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'orion-bench-'))
  mkdirSync(join(dir, 'source'))
  for (let file = 0; file < FILES; file += 1) {
    writeFileSync(join(dir, 'source', `file-${file}.conf`), `# file ${file}\n${'a line of configuration\n'.repeat(40)}`)
  }
  const server = await startServer(dir)
  try {
    const times: [number, number][] = []
    for (let at = 0; at < rounds; at += 1) times.push(await round(server))
    const [own, peer] = [median(times.map(([ms]) => ms)), median(times.map(([, ms]) => ms))]
    const what = `${FILES} files to ${HOSTS.length} hosts and back`
    return [
      { name: `${what}: orion`, value: own / 1000, unit: 's' },
      { name: `${what}: ansible`, value: peer / 1000, unit: 's' },
      { name: `${what}: times as fast as ansible`, value: peer / own, unit: '×', least: LEAST },
    ]
  } finally {
    server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
