// The units of the mesh's links on a host: made at boot, changed without an interruption, looked after every 30 seconds.
import { template } from '../../render.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { MESH_FIREWALL } from './firewall.ts'
import { MESH_PROGRAM, MESH_PROTO, MESH_TABLE } from './link-paths.ts'

const UNIT = 'orion-mesh.service'
const ENDPOINTS = 'orion-mesh-endpoints.service'
const TIMER = 'orion-mesh-endpoints.timer'
const FIREWALL = 'orion-mesh-firewall.service'
const FOLDER = '/etc/systemd/system'

/** Those that shall be active and enabled; of a host that has routes alone the first. */
export const MESH_UNITS = [UNIT, TIMER, FIREWALL] as const

interface View {
  readonly program: string
}

const unitText = template<View>('mesh/unit')
const endpointsText = template<View>('mesh/unit-endpoints')
const timerText = template<View>('mesh/unit-timer')
const firewallText = template<{ readonly file: string }>('mesh/unit-firewall')

export function unitFile(): WantedFile {
  return { path: `${FOLDER}/${UNIT}`, text: unitText({ program: MESH_PROGRAM }) }
}

/** What looks after the links; a host without links has none. */
export function timerFiles(): readonly WantedFile[] {
  const view = { program: MESH_PROGRAM }
  return [
    { path: `${FOLDER}/${ENDPOINTS}`, text: endpointsText(view) },
    { path: `${FOLDER}/${TIMER}`, text: timerText(view) },
  ]
}

/** Loads the table before the network is there: the links' own unit comes after it. */
export function firewallUnitFile(): WantedFile {
  return { path: `${FOLDER}/${FIREWALL}`, text: firewallText({ file: MESH_FIREWALL }) }
}

/**
 * POSIX; arguments: the program, units. A reload makes links as their files say and interrupts none; a start would not be made again.
 * The files alone say what shall be, whatever ran before: where they are back, because their removal did not stand, the links are
 * as well. Where there is no program nobody else is left to take away what it made.
 */
const ACTIVATE = `program=$1 unit=$2
shift
systemctl daemon-reload || exit
if [ ! -e "$program" ]; then
for one; do
systemctl -q stop "$one" 2>/dev/null
rm -f ${FOLDER}/*.wants/"$one"
done
systemctl daemon-reload
for one in $(ip -o link show group ${MESH_TABLE} 2>/dev/null | sed -n 's/^[0-9]*: \\([^:@]*\\).*/\\1/p'); do ip link del dev "$one"; done
for one in -4 -6; do
ip "$one" rule del pref ${MESH_TABLE} 2>/dev/null
ip "$one" route flush table ${MESH_TABLE} proto ${MESH_PROTO} 2>/dev/null
done
! nft list table inet orion_mesh >/dev/null 2>&1 || nft delete table inet orion_mesh
exit
fi
for one; do
[ ! -e "${FOLDER}/$one" ] || systemctl -q enable "$one" || exit
done
systemctl reset-failed "$unit" 2>/dev/null
if systemctl -q is-active "$unit"; then systemctl reload "$unit"; else systemctl start "$unit"; fi || exit
shift
for one; do
[ ! -e "${FOLDER}/$one" ] || systemctl restart "$one" || exit
done`

/** To be run after the swap of the mesh's files, and after the old ones were put back. */
export function activateMesh(units: readonly string[]): readonly (readonly string[])[] {
  return [['sh', '-c', ACTIVATE, 'orion-mesh-activate', MESH_PROGRAM, ...units]]
}
