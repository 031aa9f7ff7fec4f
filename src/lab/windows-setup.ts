// Windows Setup of a simulated VM: the disc with its answers on the node, the key that starts it, and the agent that ends it.

import { getGuest } from './guest.ts'
import { failed, ok, type Program } from './host/machine.ts'
import { failure } from './refusal.ts'
import type { Routes } from './route.ts'
import { addVolume, findVolume, freeVolume } from './volume.ts'
import type { GuestState, StorageState } from './world.ts'

const DISC_BYTES = 380_928
const ISO_FOLDER = '/template/iso/'

/** Is Windows still to be installed by the answers in its drive? */
export function isInSetup({ config, isInstalled }: GuestState): boolean {
  return !isInstalled && /\/orion-answer-\d+\.iso\b/.test(String(config.sata0 ?? ''))
}

function volumeAt(storage: readonly StorageState[], path: string) {
  const [folder = '', file = ''] = path.split(ISO_FOLDER)
  const found = storage.find(({ options }) => options.path === folder)
  return found === undefined ? undefined : { storage: found, volid: `${found.name}:iso/${file}` }
}

/** `orion-answer-iso PATH`: two lines of base64 on standard input. What they say is looked at and kept nowhere. */
const build: Program = async ({ world, node }, [path = ''], { input }) => {
  const lines = (await input()).toString().trimEnd().split('\n')
  const [answers = '', logon = ''] = lines.map((line) => Buffer.from(line, 'base64').toString())
  if (lines.length !== 2 || !/<\/unattend>\s*$/.test(answers) || logon === '')
    return failed(1, 'not the files of a disc')
  const place = volumeAt(Object.values(world.state.storage), path)
  if (place === undefined) return failed(1, `mkdir: cannot create directory ‘${path}’`)
  freeVolume(world, node, place.volid)
  addVolume(world, place.storage, {
    volid: place.volid,
    node,
    content: 'iso',
    sizeBytes: DISC_BYTES,
    format: 'iso',
    createdAt: 0,
  })
  return ok()
}

/** `orion-answer-iso-clear PATH` */
const clear: Program = ({ world, node }, [path = '']) => {
  const place = volumeAt(Object.values(world.state.storage), path)
  if (place !== undefined && findVolume(world, node, place.volid)) freeVolume(world, node, place.volid)
  return ok()
}

export const setupScripts: Readonly<Record<string, Program>> = {
  'orion-answer-iso': build,
  'orion-answer-iso-clear': clear,
}

export const setupRoutes: Routes = {
  // Whoever answers "Press any key to boot from CD" gets Windows, here within no time.
  'PUT /nodes/{node}/qemu/{vmid}/sendkey': (call) => {
    const guest = getGuest(call, 'qemu')
    if (guest.status !== 'running') throw failure(`VM ${guest.vmid} not running`)
    if (call.params.key === 'ret' && isInSetup(guest)) guest.isInstalled = true
    call.world.changed()
    return { result: null }
  },
}
