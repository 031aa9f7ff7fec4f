// What the small scripts of parts/router and parts/bgp do on a router, told by their names.
import { failed, type Io, type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { runningBird } from './bird.ts'
import { staticRoutes } from './bird-channels.ts'
import { birdc } from './birdc.ts'
import { nft } from './nft.ts'
import { systemctl } from './systemctl.ts'

const isFile = ({ host }: Machine, path: string): boolean => textAt(host, path) !== undefined

/** One after the other, up to the first that fails. */
async function each(steps: readonly (() => Output | Promise<Output>)[]): Promise<Output> {
  for (const step of steps) {
    const output = await step()
    if (output.code !== 0) return output
  }
  return ok()
}

/** `orion-firewall-check FILE` */
const checkFirewall: Program = (machine, [path = ''], io) =>
  isFile(machine, path) ? nft(machine, ['-c', '-f', path], io) : ok()

/** `orion-firewall-file FILE`, in a network of its own. */
const firewallFile: Program = async (machine, [path = ''], io) => {
  const loaded = await nft(machine, ['-f', path], io)
  return loaded.code === 0 ? nft(machine, ['-s', 'list', 'table', 'inet', 'orion'], io) : loaded
}

/** `orion-firewall FILE UNIT` */
const setFirewall: Program = async (machine, [path = '', unit = ''], io) => {
  if (isFile(machine, path))
    return each([() => systemctl(machine, ['enable', unit], io), () => systemctl(machine, ['restart', unit], io)])
  const known = machine.host.units[unit]
  if (known) Object.assign(known, { enabled: false })
  if (machine.host.tables?.['inet orion'] === undefined) return ok()
  return nft(machine, ['delete', 'table', 'inet', 'orion'], io)
}

/** `orion-units FILE UNIT=STATE…`, the state of before. */
const setUnits: Program = (machine, [path = '', ...states], io) => {
  const steps = states.map((state) => async () => {
    const [unit = '', was] = state.split('=')
    const there = await systemctl(machine, ['cat', unit], io)
    if (there.code !== 0) return ok()
    if (isFile(machine, path))
      return each([() => systemctl(machine, ['enable', unit], io), () => systemctl(machine, ['restart', unit], io)])
    return systemctl(machine, [was === 'active' ? 'restart' : 'stop', unit], io)
  })
  return each(steps)
}

/** `orion-validated FILE`: its age, and its head. */
const validated: Program = (machine, [path = '']) => {
  const text = textAt(machine.host, path)
  return text === undefined ? failed(1, `stat: cannot statx '${path}': No such file or directory`) : ok(`600\n${text}`)
}

/** `orion-bird WAS UNDO PATIENCE`: BIRD reconfigured under its own timer, or put back to what it was. */
const activateBird: Program = async (machine, [was = '', undo = ''], io) => {
  const isBack = io.phase === 'put-back'
  if (!isFile(machine, '/etc/bird/bird.conf') || (isBack && was !== 'active'))
    return systemctl(machine, ['stop', 'bird.service'], io)
  if (!machine.host.bird) {
    const started = await systemctl(machine, ['start', 'bird.service'], io)
    if (started.code !== 0) return failed(1, `bird: bird.service does not start\n${started.stderr ?? ''}`)
  }
  const configured = await birdc(machine, ['-v', 'configure', ...(isBack ? [] : ['timeout', undo])], io)
  if (configured.code !== 0) return failed(1, `bird: refuses the configuration: ${text(configured)}`)
  if (isBack) return ok()
  const confirmed = await birdc(machine, ['-v', 'configure', 'confirm'], io)
  return text(confirmed).includes('0018')
    ? ok()
    : failed(1, `bird: was configured by somebody else meanwhile: ${text(confirmed)}`)
}

/** `orion-bird-boot UNIT WAS`: whether BIRD starts with the machine. */
const bootBird: Program = (machine, [unit = '', was = ''], io) => {
  if (io.phase !== 'put-back') return systemctl(machine, ['enable', unit], io)
  return was === 'disabled' ? systemctl(machine, ['disable', unit], io) : ok()
}

const text = ({ stdout = '' }: Output): string => stdout.toString()

/** `orion-refused PROTOCOL CONDITION`: the first few routes. */
const refused: Program = (machine, [protocol = '', condition = ''], io: Io) =>
  birdc(machine, ['-v', 'show', 'route', 'filtered', 'protocol', protocol, 'where', condition], io)

/** `orion-kernel-routes FAMILY SOURCE`: of what BIRD gave the kernel only what leads nowhere; the rest is as it shall be. */
const kernelRoutes: Program = ({ world, host }, [family = '']) => {
  const protocols = runningBird(world, host)?.config.protocols.filter(({ type }) => type === 'static') ?? []
  const own = protocols.flatMap(staticRoutes).filter((prefix) => prefix.includes(':') === (family === '6'))
  return ok([...own.map((prefix) => `drop ${prefix}\n`), `all ${own.length}\nother 0\n`].join(''))
}

export const routerScripts: Readonly<Record<string, Program>> = {
  'orion-firewall-check': checkFirewall,
  'orion-firewall-file': firewallFile,
  'orion-firewall': setFirewall,
  'orion-units': setUnits,
  'orion-validated': validated,
  'orion-bird': activateBird,
  'orion-bird-boot': bootBird,
  'orion-refused': refused,
  'orion-kernel-routes': kernelRoutes,
}
