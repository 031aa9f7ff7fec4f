// Where the mesh has its files on a gateway, and the one number by which its rule, its routes and its interfaces are known.

/** Of the routing table, the preference of the rule that leads to it, and the link group of interfaces that orion made. */
export const MESH_TABLE = 5180
/** `proto` of routes that orion-mesh sets itself (iproute2's rt_protos has no such number). */
export const MESH_PROTO = 86

export const MESH_DIR = '/etc/orion/mesh'
export const LINKS_DIR = `${MESH_DIR}/links`
export const IDENTITIES_DIR = `${MESH_DIR}/identities`
/** What `orion-mesh` sets as routes of its own: `PREFIX dev IF`, `PREFIX via ADDRESS`. */
export const ROUTES_FILE = `${MESH_DIR}/routes`
export const MESH_PROGRAM = '/usr/local/sbin/orion-mesh'

export function linkPath(name: string): string {
  return `${LINKS_DIR}/${name}.conf`
}

export function identityPath(peer: string): string {
  return `${IDENTITIES_DIR}/${peer}.pub`
}
