// /etc/orion/mesh/gateway.conf: who this gateway is, for the programs of the mesh on it and for people at its console.
import { withLength } from './link-file.ts'
import { MESH_DIR } from './link-paths.ts'
import type { Gateway } from './model.ts'

export const GATEWAY_FILE = `${MESH_DIR}/gateway.conf`

/** Pure. Names are DNS labels, so that nothing in them needs quotes. */
export function gatewayFile(site: string, { name, number, address }: Gateway): string {
  return [
    '# Made by orion from the site file.',
    `Site = ${site}`,
    `Gateway = ${name}`,
    `Number = ${number}`,
    `Address = ${withLength(address)}`,
    '',
  ].join('\n')
}
