// The public halves of a gateway's keys, as its host itself derives them: the private ones never leave it.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { CLIENTS_INTERFACE } from '../../site/mesh-plan.ts'
import type { Site } from '../../site/site.ts'
import { clientsOf } from './client-files.ts'
import { isPublicKey } from './client-key.ts'
import { MESH_DIR } from './link-paths.ts'
import type { Gateway } from './model.ts'

const PUBLIC = 'mesh-public'
const IDENTITY = 'identity'

type Seen = Pick<HostFacts, 'files' | 'commands'>

/**
 * POSIX; arguments: interfaces. Prints `IF KEY` of each that has a private key, and `identity DER` in base64, where there is one;
 * `identity none` where this OpenSSL cannot make one.
 */
const PROGRAM = `umask 077
cd ${MESH_DIR} 2>/dev/null || :
for one; do
[ -s "keys/$one.key" ] && key=$(wg pubkey <"keys/$one.key" 2>/dev/null) && printf '%s %s\\n' "$one" "$key"
done
if [ -s identity.pem ]; then
openssl pkey -in identity.pem -pubout -outform DER 2>/dev/null | base64 -w 0 | sed -n 's/..*/${IDENTITY} &\\n/p'
elif known=$(openssl list -signature-algorithms 2>/dev/null); then
case $known in *ML-DSA-65*) ;; *) echo '${IDENTITY} none' ;; esac
fi
exit 0`

/** Interfaces of a gateway that have a key: of its links, and the one that people's devices dial. */
export function keyInterfaces(site: Site, gateway: Gateway): readonly string[] {
  const clients = clientsOf(site, gateway).length > 0 ? [CLIENTS_INTERFACE] : []
  return [...gateway.links.map((end) => end.interface), ...clients]
}

export function keyFacts(site: Site, gateway: Gateway): Facts {
  return { commands: { [PUBLIC]: ['sh', '-c', PROGRAM, 'orion-mesh-public', ...keyInterfaces(site, gateway)] } }
}

/** Of one interface of a host that was read with keyFacts; undefined = there is none yet. */
export function publicKey(seen: Seen, name: string): string | undefined {
  const key = keysOf(seen).get(name)
  return key !== undefined && isPublicKey(key) ? key : undefined
}

/** The key with which a host signs (ML-DSA-65): its SubjectPublicKeyInfo as base64; undefined = none yet. */
export function identityKey(seen: Seen): string | undefined {
  return keysOf(seen).get(IDENTITY)
}

// Asked for each link of a gateway: what one host said is taken apart once.
const known = new WeakMap<Seen['commands'], ReadonlyMap<string, string>>()

function keysOf(seen: Seen): ReadonlyMap<string, string> {
  const keys = known.get(seen.commands) ?? new Map(rowsOf(said(seen, PUBLIC) ?? ''))
  known.set(seen.commands, keys)
  return keys
}

function rowsOf(text: string): [string, string][] {
  const rows = [...text.matchAll(/^(\S+) (\S+)$/gm)].map(([, name = '', key = '']): [string, string] => [name, key])
  return rows.filter(([name, key]) => name !== IDENTITY || /^[A-Za-z0-9+/]{100,}={0,2}$/.test(key))
}
