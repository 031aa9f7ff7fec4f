// What the small scripts of parts/net do on a simulated host, told by their names: kernel settings, ZFS cache, swap, zram.
import { updateInitramfs } from '../device/loader.ts'
import { ifreload } from './ifreload.ts'
import { sysctl } from './kernel-settings.ts'
import { failed, type Io, type Machine, ok, type Program } from './machine.ts'
import { type HostState, putText, textAt } from './state.ts'
import { memoryMib, startSwap } from './swap-programs.ts'

const MIB = 1024 * 1024
const UNITS = '/etc/systemd/system'

/** `orion-sysctl FILE KEY=VALUE…`: the values first, then the file. */
const setSysctl: Program = async (machine, [file = '', ...values], io: Io) => {
  if (values.length > 0) {
    const set = await sysctl(machine, ['-q', '-w', ...values], io)
    if (set.code !== 0) return set
  }
  return textAt(machine.host, file) === undefined ? ok() : sysctl(machine, ['-q', '-p', file], io)
}

/** `orion-arc FILE LIVE BYTES OLD` */
const setArc: Program = ({ host, world }, [file = '', live = '', bytes = '', old = '']) => {
  const value = host.files[file] ? bytes : old
  if (value !== '') putText(host, live, `${value}\n`)
  world.changed()
  return ok()
}

/** `orion-swap-look PATH…`: kind, size, file system, signatures, real path. Every device that somebody names is there, and empty. */
const lookAtSwap: Program = ({ host, world, node }, paths) => {
  const root = world.state.hardware.nodes.find(({ name }) => name === node)?.root ?? 'zfs'
  const lines = paths.map((path) => {
    const bytes = host.formatted?.[path]
    const signature = bytes === undefined ? '-' : 'swap,'
    if (path.startsWith('/dev/')) return `device - devtmpfs ${signature} ${path}\n`
    if (bytes !== undefined) return `file ${bytes} ${root} ${signature} ${path}\n`
    if (Object.keys(host.files).some((other) => other.startsWith(`${path}/`))) return `other - ${root} - ${path}\n`
    return host.files[path]
      ? `file ${host.files[path].text.length} ${root} - ${path}\n`
      : `absent - ${root} - ${path}\n`
  })
  return ok(lines.join(''))
}

/** What the swap files leave of the root's storage. */
function freeBytes({ host, world }: Machine): number {
  const files = Object.entries(host.formatted ?? {}).filter(([path]) => !path.startsWith('/dev/'))
  const taken = files.reduce((sum, [, bytes]) => sum + bytes, 0)
  return (world.state.storage.local?.totalBytes ?? 0) - taken
}

/** `orion-swap UNIT PATH MIB NEW RESTART`; the unit by its file. */
const setSwap: Program = (machine, [unitPath = '', path = '', mib = '0', fresh = '', restart = '']) => {
  const unit = unitPath.slice(unitPath.lastIndexOf('/') + 1)
  const { host, world } = machine
  host.formatted ??= {}
  if (!host.files[`${UNITS}/${unit}`]) {
    delete host.swaps[path]
    if (fresh === 'file') delete host.formatted[path]
  } else {
    if ((fresh === 'file' || fresh === 'size') && Number(mib) * MIB > freeBytes(machine))
      return failed(1, `no room for ${path}`)
    if (fresh !== '' || restart === 'yes') delete host.swaps[path]
    if (fresh !== '') host.formatted[path] = path.startsWith('/dev/') ? 8192 * MIB : Number(mib) * MIB
    const wrong = startSwap(host, unit)
    if (wrong !== undefined) return failed(1, wrong)
  }
  world.changed()
  return ok()
}

/** The device anew, as the generator's files say. */
export function renewZram(machine: Machine): void {
  const { host, world } = machine
  delete host.swaps['/dev/zram0']
  const text = zramText(host)
  if (/^\[zram0\]/m.test(text) && host.packages['systemd-zram-generator'] !== undefined) {
    const size = /^zram-size\s*=\s*(.*)$/m.exec(text)?.[1] ?? 'min(ram / 2, 4096)'
    const priority = Number(/^swap-priority\s*=\s*(\d+)/m.exec(text)?.[1] ?? 100)
    host.swaps['/dev/zram0'] = { kind: 'partition', bytes: zramMib(machine, size) * MIB, priority }
  }
  world.changed()
}

function zramText(host: HostState): string {
  const paths = Object.keys(host.files).filter((path) => /^\/etc\/systemd\/zram-generator\.conf(\.d\/.*)?$/.test(path))
  return paths
    .sort()
    .map((path) => textAt(host, path))
    .join('\n')
}

/** The generator's expressions as orion writes them: MiB, a share of the memory, or its default. */
function zramMib(machine: Machine, size: string): number {
  const memory = memoryMib(machine)
  const percent = /^ram \* (\d+) \/ 100$/.exec(size)?.[1]
  if (percent !== undefined) return Math.round((memory * Number(percent)) / 100)
  return /^\d+$/.test(size) ? Number(size) : Math.min(memory / 2, 4096)
}

export const topicScripts: Readonly<Record<string, Program>> = {
  'orion-sysctl': setSysctl,
  'orion-arc': setArc,
  'orion-swap-look': lookAtSwap,
  'orion-swap': setSwap,
  'orion-zram': (machine) => {
    renewZram(machine)
    return ok()
  },
  'orion-initramfs': (machine, _, io) => updateInitramfs(machine, [], io),
  // Only what is wrong counts, not every warning.
  'orion-ifreload-check': async (machine, _, io) => {
    const checked = await ifreload(machine, ['-a', '-s'], io)
    return checked.code === 0 ? ok() : { ...checked, code: 1 }
  },
}
