// The program that makes a gateway's interfaces and keeps them, and the marks by which it knows what is orion's.
import { template } from '../../render.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { MESH_PROGRAM } from './link-paths.ts'

type Nothing = Readonly<Record<string, never>>

const functions = template<Nothing>('mesh/orion-mesh')
const verbs = template<Nothing>('mesh/orion-mesh-verbs')

/** /usr/local/sbin/orion-mesh: the same on every host. */
export function meshProgram(): WantedFile {
  return { path: MESH_PROGRAM, text: functions({}) + verbs({}), mode: 0o755, opaque: true }
}
