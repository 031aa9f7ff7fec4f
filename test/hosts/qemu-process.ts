// One QEMU process: how it is called, and that it ends with us.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** Ports eno1 to eno4; eno1 is the operator's, the others end in networks where nobody else is. */
const PORTS = [1, 2, 3, 4]

// A hub without another port takes no packets, and Linux then takes the card for broken: a network of QEMU's own swallows them.
const lonely = (port: number): string => `user,id=net${port},restrict=on,ipv6=off,net=198.51.100.0/24`

/** All that a saved state depends on. Emulated, since a CI machine seldom has KVM; `max` is then the same on every machine. */
const machine = (...board: readonly string[]): readonly string[] => [
  ...['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max', '-smp', '2', '-m', '768', '-machine', ...board],
  ...['-nodefaults', '-display', 'none', '-vga', 'none', '-device', 'virtio-rng-pci'],
  ...['-device', 'virtio-blk-pci,drive=disk'],
  ...PORTS.flatMap((port) => ['-device', `virtio-net-pci,netdev=net${port},mac=52:54:00:00:00:0${port},romfile=`]),
  ...PORTS.slice(1).flatMap((port) => ['-netdev', lonely(port)]),
]

/** Started with its kernel. */
export const MACHINE: readonly string[] = [
  ...machine('q35'),
  ...['-append', 'root=/dev/vda rw console=ttyS0 quiet mitigations=off'],
]

/** A graphics card with sound behind a PCI Express port of its own. */
const card = (kind: string, bus: number): readonly string[] => [
  ...['-device', `pcie-root-port,id=port${bus},addr=0x${7 + bus},chassis=${bus},slot=${bus}`],
  ...['-device', `${kind},bus=port${bus},addr=0x0.0,multifunction=on`],
  ...['-device', `intel-hda,bus=port${bus},addr=0x0.1`],
]

/** Started from its disk; with an IOMMU, two graphics cards whose sound is the same model, and a watchdog that resets it. */
export const GPU_MACHINE: readonly string[] = [
  ...machine('q35,kernel-irqchip=split', '-device', 'intel-iommu,intremap=on,caching-mode=on'),
  ...[...card('ati-vga', 1), ...card('secondary-vga', 2), '-device', 'i6300esb,addr=0xa', '-watchdog-action', 'reset'],
]

export interface Boot {
  /** QEMU's words for the hardware and for what it starts. */
  readonly machine: readonly string[]
  /** The disk below the throw-away one, and its format. */
  readonly disk: { readonly file: string; readonly format: 'raw' | 'qcow2' }
  /** A saved state to go on from. */
  readonly state?: string
}

export interface Machine {
  readonly child: ChildProcess
  /** On 127.0.0.1: the guest's sshd. */
  readonly port: number
  /** The monitor's socket. */
  readonly monitor: string
  /** What QEMU and the guest's console said. */
  said(): string
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/**
 * Starts it. What it writes goes into `overlay`, a new file. Whoever starts it kills `child`; ended with this process in any case.
 * `folder` is for sockets, whose paths must be short.
 */
export async function startMachine(
  folder: string,
  { machine, disk, state }: Boot,
  overlay = join(folder, 'disk.qcow2'),
): Promise<Machine> {
  const monitor = join(folder, 'monitor')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', disk.format, '-b', disk.file, overlay])
  const port = await freePort()
  const argv = [
    // Also where we are killed and can end nobody.
    ...['setpriv', '--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machine],
    ...['-drive', `if=none,id=disk,file=${overlay},format=qcow2,cache=unsafe`],
    ...['-netdev', `user,id=net1,restrict=on,hostfwd=tcp:127.0.0.1:${port}-10.0.2.15:22`],
    ...['-serial', 'stdio', '-qmp', `unix:${monitor},server=on,wait=off`],
    ...(state === undefined ? [] : ['-incoming', `exec:cat '${state}'`]),
  ]
  const [command = '', ...args] = argv
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  alive.add(child)
  child.once('close', () => alive.delete(child))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      said = `${said}${data}`.slice(-4000)
    })
  child.once('error', (error) => {
    said += error.message
  })
  return { child, port, monitor, said: () => said }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
