// The program that makes preshared keys and brings them into force; it runs on gateways alone, and lies there for the watch of a rotation.
import { template } from '../../render.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { MESH_DIR } from './link-paths.ts'

interface PskFolders {
  /** Of keys, identities and links. */
  readonly folder: string
  /** Gone with a restart of the machine. */
  readonly run: string
  /** Where the program lies on the host. */
  readonly program: string
}

const FOLDERS: PskFolders = {
  folder: MESH_DIR,
  run: '/run/orion-mesh',
  program: '/usr/local/sbin/orion-mesh-psk',
}

type Nothing = Readonly<Record<string, never>>

const exchange = template<PskFolders>('mesh/psk')
const rotation = template<Nothing>('mesh/psk-rotation')
const verbs = template<Nothing>('mesh/psk-verbs')

/** POSIX; see its first lines. It is called as `sh -c PROGRAM orion-mesh-psk VERB …`. Folders: for tests. */
export function pskProgram(folders: Partial<PskFolders> = {}): string {
  return exchange({ ...FOLDERS, ...folders }) + rotation({}) + verbs({})
}

/** As a file of every gateway: what watches over an open rotation must outlive us. */
export function pskFile(): WantedFile {
  return { path: FOLDERS.program, text: pskProgram(), mode: 0o755, opaque: true }
}
