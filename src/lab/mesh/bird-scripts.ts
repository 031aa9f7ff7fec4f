// What orion sends along to put the mesh's BIRD into force on a simulated host, told by their names.
import { failed, type Io, type Output, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { systemctl } from '../router/systemctl.ts'
import { stopMeshBird } from './bird-mesh.ts'
import { meshBirdc } from './birdc-mesh.ts'

/** `orion-mesh-bird WAS UNDO PATIENCE CONF SOCKET UNIT`: reconfigured under its own timer, or put back to what it was. */
const activate: Program = async (machine, [was = '', undo = '', , conf = '', socket = '', unit = ''], io: Io) => {
  const isBack = io.phase === 'put-back'
  if (textAt(machine.host, conf) === undefined || (isBack && was !== 'active')) {
    const stopped = await systemctl(machine, ['stop', unit], io)
    return stopped.code === 5 ? ok() : stopped
  }
  if (machine.host.mesh?.bird === undefined) {
    const started = await systemctl(machine, ['start', unit], io)
    if (started.code !== 0) return failed(1, `bird: ${unit} does not start\n${started.stderr ?? ''}`)
  }
  const configured = await meshBirdc(
    machine,
    ['-s', socket, '-v', 'configure', ...(isBack ? [] : ['timeout', undo])],
    io,
  )
  if (configured.code !== 0) return failed(1, `bird: refuses the configuration: ${said(configured)}`)
  if (isBack) return ok()
  const confirmed = await meshBirdc(machine, ['-s', socket, '-v', 'configure', 'confirm'], io)
  return said(confirmed).includes('0018')
    ? ok()
    : failed(1, `bird: was configured by somebody else: ${said(confirmed)}`)
}

const said = ({ stdout = '' }: Output): string => stdout.toString()

/** `orion-mesh-bird-unit UNIT FILE HOW` */
const stand: Program = async (machine, [unit = '', file = '', how = ''], io) => {
  if (textAt(machine.host, file) === undefined) {
    delete machine.host.units[unit]
    stopMeshBird(machine.host)
    machine.world.changed()
    return ok()
  }
  const enabled = await systemctl(machine, ['enable', unit], io)
  if (enabled.code !== 0) return enabled
  return systemctl(machine, [how === 'again' ? 'restart' : 'start', unit], io)
}

/** Interfaces of which the old pair of keys is still kept. */
const openPairs: Program = ({ host }) => {
  const names = Object.keys(host.files).flatMap(
    (path) => /^\/etc\/orion\/mesh\/keys\/(.*)\.key\.old$/.exec(path)?.[1] ?? [],
  )
  return ok(names.map((name) => `${name}\n`).join(''))
}

export const birdScripts: Readonly<Record<string, Program>> = {
  'orion-mesh-open-pairs': openPairs,
  'orion-mesh-bird': activate,
  'orion-mesh-bird-unit': stand,
}
