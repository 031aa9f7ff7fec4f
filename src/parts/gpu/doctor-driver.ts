// What the doctor checks of a device that a VM gets: who drives it, whether the console lets go of it, whether it comes back.
import { getSeries } from './doctor-reset.ts'
import {
  addressesOf,
  apply,
  type DeviceView,
  type Finding,
  fail,
  onPassed,
  pass,
  type Row,
  type There,
  task,
  unknown,
} from './doctor-view.ts'
import type { PciDevice } from './machine.ts'
import { getTokens, toWords } from './tokens.ts'

/** In the order of the checklist. */
export const DRIVER_ROWS: readonly Row<DeviceView>[] = [
  { step: 8, name: 'binding', check: onPassed(binding) },
  { step: 10, name: 'driver', check: onPassed(driver) },
  { step: 10, name: 'framebuffer', check: onPassed(framebuffer) },
  { step: 11, name: 'power', check: onPassed(power) },
  { step: 11, name: 'reset', check: onPassed(reset) },
]

const EARLY_SCRIPT = '/etc/initramfs-tools/scripts/init-top/orion-vfio'

/** What the next start will do with it. */
function binding(view: There): Finding {
  const { target, seen } = view
  const text = seen.files.get(EARLY_SCRIPT)?.text ?? ''
  const isBound = ({ address, override, driver: own }: PciDevice) =>
    text.includes(address) || override === 'vfio-pci' || own === 'vfio-pci'
  const without = target.functions.filter((one) => !isBound(one))
  if (without.length === 0) return pass('at each start, by address')
  return fail(`nothing binds ${addressesOf(without)}`, apply(view))
}

function driver(view: There): Finding {
  const taken = view.target.functions.filter((one) => one.driver !== 'vfio-pci')
  if (taken.length === 0) return pass('vfio-pci has all of it')
  const text = taken.map(({ address, driver: own }) => `${own ?? 'nobody'} has ${address}`).join(', ')
  return fail(text, apply(view))
}

/** Whatever the command line says, it counts whose memory it is: some kernels keep it all the same. */
function framebuffer(view: There): Finding {
  const { target, look, device, machine, node } = view
  const held = target.functions.find((one) => one.framebuffer !== undefined)
  const line = findLine(view, /can't reserve/)
  if (held === undefined && line === undefined) return pass("none of the node's in its memory")
  const what = held ? `${held.framebuffer} lies in the memory of ${held.address}` : `the kernel: ${line}`
  const first = 'first display in the firmware: internal graphics or the BMC'
  if (!device.primaryGpu) return fail(what, `${first}; or devices.${device.name}.primaryGpu: true and ${apply(view)}`)
  const isTold = getTokens(node, [device], machine.cpu).every((word) => toWords(machine.commandLine).includes(word))
  return fail(
    what,
    isTold ? `${first}; this kernel (${look ? machine.kernel : 'unknown'}) keeps it all the same` : apply(view),
  )
}

/** Of the kernel's log, about one of its functions. */
function findLine({ look, target }: There, pattern: RegExp): string | undefined {
  const isOwn = (line: string) => target.functions.some(({ address }) => line.includes(address))
  return look?.log.findLast((line) => pattern.test(line) && isOwn(line))
}

function power(view: There): Finding {
  const { target, node } = view
  const { functions } = target
  const gone = functions.filter(({ answers }) => !answers)
  const awake = 'options vfio-pci disable_idle_d3=1 in a file of /etc/modprobe.d'
  const off = `power ${node.name} off, its mains too, and on; against D3cold: ${awake}`
  if (gone.length > 0)
    return fail(`${addressesOf(gone)} does not answer (${gone[0]?.power}): it has fallen off the bus`, off)
  if (functions.some((one) => one.power === 'error')) return fail('its power state cannot be set', off)
  const line = findLine(view, /change power state/)
  if (line !== undefined) return task(`it answers, but the kernel said: ${line}`, awake)
  return pass([...new Set(functions.map((one) => one.power))].join(', '))
}

function reset(view: There): Finding {
  const [first] = view.target.functions
  if (first === undefined) return unknown('no function')
  const line = findLine(view, /not ready .*giving up/)
  if (line !== undefined) return fail(`the kernel: ${line}`, `restart ${view.node.name} before the next guest gets it`)
  const between = `restart ${view.node.name} between two guests`
  const series = getSeries(first)
  if (series !== undefined && !first.resetMethods.includes('device_specific'))
    return task(
      `${series}: these do not come back from a guest by themselves`,
      `vendor-reset (dkms) with its udev rule; or ${between}`,
    )
  if (first.resetMethods.length === 0) return task(`${first.address} cannot be reset`, between)
  return pass(first.resetMethods.join(', '))
}
