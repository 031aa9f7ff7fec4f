// Before any test: nothing of the operator's machine is read or written. And tools from beyond npm, fetched when a test needs them.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Context } from 'mocha'

const exec = promisify(execFile)

// The hooks below point XDG_CACHE_HOME elsewhere, and a process of mocha's may run several files: the first value counts.
process.env.TEST_CACHE_HOME ??= process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
/** The user's own cache: for what is too slow to make for each run of the tests. */
export const CACHE_HOME = process.env.TEST_CACHE_HOME

/** Debian's own interpreter: its packages are not seen by another Python that is earlier in PATH. */
export const PYTHON = '/usr/bin/python3'

const find = (module: string) => [
  PYTHON,
  '-c',
  `import importlib.util as u, sys; sys.exit(not u.find_spec('${module}'))`,
]

/** What a test may need beyond npm: how to see that it is there, and the Debian packages that bring it. */
const TOOLS = {
  curl: { checks: [['curl', '--version']], packages: ['curl', 'ca-certificates'] },
  proxmoxer: { checks: [find('proxmoxer'), find('requests')], packages: ['python3-proxmoxer', 'python3-requests'] },
  sshd: {
    checks: [
      ['test', '-x', '/usr/sbin/sshd'],
      ['ssh', '-V'],
    ],
    packages: ['openssh-server', 'openssh-client'],
  },
  perlcritic: { checks: [['perlcritic', '--version']], packages: ['libperl-critic-perl'] },
  genisoimage: {
    checks: [
      ['genisoimage', '--version'],
      ['sh', '-c', 'command -v isoinfo'],
    ],
    packages: ['genisoimage'],
  },
  groff: { checks: [['groff', '--version']], packages: ['groff-base'] },
  compiler: { checks: [['g++', '--version']], packages: ['g++'] },
  xmllint: { checks: [['xmllint', '--version']], packages: ['libxml2-utils'] },
  // GitHub's own Markdown parser.
  'cmark-gfm': { checks: [['cmark-gfm', '--version']], packages: ['cmark-gfm'] },
  tmux: { checks: [['tmux', '-V']], packages: ['tmux'] },
  // Pages as people see them; with a font of one width.
  chromium: {
    checks: [
      ['chromium', '--version'],
      ['test', '-e', '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf'],
    ],
    packages: ['chromium', 'fonts-dejavu-core'],
  },
  shellcheck: { checks: [['shellcheck', '--version']], packages: ['shellcheck'] },
  // Test hosts: systemd in containers of our own, each in a network namespace.
  hosts: {
    checks: [
      ['systemd-nspawn', '--version'],
      ['unshare', '--version'],
      ['nsenter', '--version'],
      ['test', '-x', '/usr/sbin/debootstrap'],
      ['ip', '-Version'],
      ['nft', '--version'],
      ['ssh', '-V'],
      ['ping', '-V'],
    ],
    packages: ['systemd-container', 'debootstrap', 'iproute2', 'iputils-ping', 'nftables', 'openssh-client'],
  },
  // Test guests: whole machines.
  guests: {
    checks: [
      ['qemu-system-x86_64', '--version'],
      ['qemu-img', '--version'],
      ['test', '-x', '/usr/sbin/mkfs.ext4'],
      ['test', '-x', '/usr/sbin/sfdisk'],
    ],
    packages: ['qemu-system-x86', 'qemu-utils', 'e2fsprogs', 'fdisk'],
  },
  ansible: {
    checks: [
      ['test', '-x', '/usr/bin/ansible-playbook'],
      find('ansible_collections.community.general'),
      find('proxmoxer'),
      find('requests'),
    ],
    packages: ['ansible', 'python3-proxmoxer', 'python3-requests'],
  },
} satisfies Record<string, { checks: readonly (readonly string[])[]; packages: readonly string[] }>

export type Tool = keyof typeof TOOLS

/** One installation at a time on this machine: mocha may run twice, and apt gives up at once where its lists are locked. */
const LOCK = join(tmpdir(), 'orion-tests-apt.lock')
const INSTALL_LIMIT_MS = 9 * 60_000

async function succeeds(argv: readonly string[]): Promise<boolean> {
  const [command = '', ...args] = argv
  return exec(command, args, { timeout: 60_000 }).then(
    () => true,
    () => false,
  )
}

const isThere = async (tool: Tool): Promise<boolean> => {
  const found = await Promise.all(TOOLS[tool].checks.map(succeeds))
  return !found.includes(false)
}

async function apt(...args: string[]): Promise<void> {
  const argv = ['--wait', '300', LOCK, 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...args]
  await exec('flock', argv, {
    timeout: INSTALL_LIMIT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 16 * 1024 * 1024,
  })
}

async function install(packages: readonly string[]): Promise<void> {
  const argv = ['install', '--yes', '--no-install-recommends', ...packages]
  try {
    await apt(...argv)
  } catch {
    // A fresh machine has no package lists yet, or lists that name versions which are gone.
    await apt('update')
    await apt(...argv)
  }
}

/** Why the tool cannot be had, or undefined where it is there (now). */
async function obtain(tool: Tool): Promise<string | undefined> {
  if (await isThere(tool)) return undefined
  if (process.getuid?.() !== 0) return `${tool} is not installed, and only root may install it`
  if (!(await succeeds(['apt-get', '--version']))) return `${tool} is not installed, and there is no apt-get here`
  try {
    await install(TOOLS[tool].packages)
  } catch (error) {
    const last = String(error).trim().split('\n').at(-1)
    return `${tool} is not installed, and apt-get could not install it: ${last}`
  }
  return (await isThere(tool))
    ? undefined
    : `${tool} is still missing after apt-get installed ${TOOLS[tool].packages.join(', ')}`
}

const obtained = new Map<Tool, Promise<string | undefined>>()

/** Why one of the tools cannot be had (it is installed where that is possible); undefined where all are there. */
export async function missing(tools: readonly Tool[]): Promise<string | undefined> {
  for (const tool of tools) {
    const reason = obtained.get(tool) ?? obtain(tool)
    obtained.set(tool, reason)
    if (await reason) return reason
  }
  return undefined
}

/** For a `before` hook: installs what is missing, else skips the suite and says why. */
export async function needs(context: Context, tools: readonly Tool[]): Promise<void> {
  context.timeout(2 * INSTALL_LIMIT_MS)
  const reason = await missing(tools)
  if (reason) skip(context, reason)
}

/** Skips the test or the suite, and says why on stderr: mocha itself prints no reason. */
export function skip(context: Context, reason: string): void {
  process.stderr.write(`  skipped: ${reason}\n`)
  context.skip()
}

let home: string | undefined

/** Mocha's root hooks: package.json requires this file. */
export const mochaHooks = {
  beforeAll() {
    home = mkdtempSync(join(tmpdir(), 'orion-tests-'))
    for (const name of ['STATE', 'CONFIG', 'CACHE', 'DATA'])
      process.env[`XDG_${name}_HOME`] = join(home, name.toLowerCase())
    for (const name of Object.keys(process.env)) if (name.startsWith('ORION_')) delete process.env[name]
  },
  afterAll() {
    if (home) rmSync(home, { recursive: true, force: true })
  },
}
