// The private keys of a gateway, made by its host: WireGuard's, one for each interface, and the one with which it signs. orion never sees them.
import type { ReadWish, Seen } from '../host/host.ts'
import type { Note, Outside, Resource, ResourceId } from '../resource.ts'
import { readFacts, said } from './host-facts.ts'
import { inTurn } from './host-turn.ts'

/** A word among the interfaces: the key that signs (ML-DSA-65). Where OpenSSL knows none (before 3.5) nobody is asked for one here. */
const IDENTITY = 'identity'

/**
 * POSIX; arguments: interfaces, and `identity`. What is there stays; a key that was half written never stands under its name.
 * Of two runs at once the second one waits: else it would put another key over one that the first has told of already.
 * Keys of links that are gone, also preshared ones, are taken away, once their files are: until then a link may have to come back.
 * What is not of a link (of people's devices) is left alone.
 */
const PROGRAM = `umask 077
(umask 022 && mkdir -p /etc/orion/mesh) && cd /etc/orion/mesh && mkdir -p keys || exit
exec 9<keys && flock -w 60 9 || exit
keep() { sync "$1" && mv -T "$1" "$2"; }
for one; do
if [ "$one" = ${IDENTITY} ]; then
[ -s identity.pem ] || ! openssl list -signature-algorithms | grep -q ML-DSA-65 ||
{ openssl genpkey -algorithm ML-DSA-65 -out identity.pem.part && keep identity.pem.part identity.pem; } || exit
continue
fi
[ -s "keys/$one.key" ] && continue
wg genkey >"keys/$one.key.part" && keep "keys/$one.key.part" "keys/$one.key" || exit
done
for file in keys/wg-*.*; do
[ -e "$file" ] || continue
name=\${file#keys/}
case " $* " in *" \${name%%.*} "*) ;; *) [ -e "links/\${name%%.*}.conf" ] || rm -f -- "$file" ;; esac
done`

export interface MeshKeysOptions {
  /** Node or guest of the site file. */
  readonly host: string
  readonly interfaces: readonly string[]
  readonly identity: boolean
  readonly needs: readonly ResourceId[]
  /** Holds the command `mesh-public`, which says what is there. */
  readonly wish: ReadWish
}

/** Keys are added, and never made anew. Errors of create and update: those of Host. */
export function meshKeys({ host: name, interfaces, identity, needs, wish }: MeshKeysOptions): Resource<Seen> {
  const words = [...interfaces, ...(identity ? [IDENTITY] : [])]
  const make = async (outside: Outside, note: Note) => {
    const host = await outside.host(name)
    await inTurn(host, () => host.run(['sh', '-c', PROGRAM, 'orion-mesh-keys', ...words]))
    host.forget()
    note({ kind: 'info', text: `${name} made keys of its own` })
  }
  return {
    id: `mesh-keys:${name}/links`,
    title: `mesh keys of ${name}`,
    needs,
    brief: `${interfaces.length} for WireGuard${identity ? ', and one to sign with' : ''}`,
    observe: async (outside) => {
      const seen = await readFacts(await outside.host(name), wish)
      return namesOf(seen).length === 0 ? undefined : seen
    },
    diff: (have) => {
      const there = have === undefined ? [] : namesOf(have)
      return words
        .filter((word) => !there.includes(word))
        .map((word) => ({
          field: word === IDENTITY ? 'identity (ML-DSA-65)' : `key of ${word}`,
          want: 'made on the host',
        }))
    },
    create: make,
    update: (outside, _, note) => make(outside, note),
    // Whatever used them is gone first; a key that lies there unused harms nobody.
    remove: () => Promise.resolve(),
  }
}

/** What the host has a key of, or will not have: lines of `NAME PUBLICKEY`, `identity none`. */
function namesOf(seen: Seen): readonly string[] {
  return [...(said(seen, 'mesh-public') ?? '').matchAll(/^(\S+) \S+$/gm)].map(([, name = '']) => name)
}
