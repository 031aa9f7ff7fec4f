// The server of Tailscale's packages, and what apt makes of a source that names it.

import { type AptSource, aptSources } from '../host/apt-sources.ts'
import { failed, type Output, ok, type Program } from '../host/machine.ts'
import { bytesOf, type HostState, textAt } from '../host/state.ts'
import { tailscaleOf } from './tailscale-state.ts'

const SERVER = 'https://pkgs.tailscale.com/stable/'
/** Of the hosts that a lab has. */
const RELEASES = new Set(['debian bookworm', 'debian trixie'])

/**
 * The real public key, so that what checks it need not be told that this is a lab: its primary packet alone, fingerprint
 * 2596 A99E AAB3 3821 893C 0A79 458C A832 957F 5868.
 */
const KEY = Buffer.from(
  [
    'mQINBF5UmbgBEADAA5mxC8EoWEf53RVdlhQJbNnQW7fctUA5yNcGUbGGGTk6XFqOnlek0Us0FAl5KVBgcS0Bj+VSwKVI/wx91tnAWI36CHeM',
    'yPTawdT4FTcS2jZMHbcNUMqM1mcGs3wEQmKz795lfy2cQdVktc886aAF8hy1GmZDSs2zcGMvq5KCNPuX3DD5INPumZqRTjwSwlGptUZrJpKW',
    'H4KvuGr5PSy/NzC8uSCuhLbFJc1Q6dQGKlQxwh+qAF4uQ1+bdy92GHiFsCMi7q43hiBg5J9r55M/skboXkNBlS6kFviP+PADHNZe5Vw00ERt',
    'D/HzYb3cH5YneZuYXvnJq2/XjaN6OwkQXuqQpusB5fhIyLXE5ZqNlwBzX71S779tIyjShpPXf1HEVxNO8TdVncx/7Zx/FSdwUJm4PMYQmnwB',
    'IyKlYWlV2AGgfxFkmt2VexyS5s4YA1POuyiwW0iH1Ppp9X14KtOfNimBa0yEzgW3CHTEg55MNZup6k2QmRGtRjeqM5cjrq/Ix15hISmgbZog',
    'PRkhz/tcalK38WWAR4h3N8eIoPasLr9i9OVe8aqsyXefCrziaiJczA0kCqhoryUUtceMgvaHl+lIPwyW0XWwj+0q45qzjLvKet+VQ8oKLT1n',
    'Mr/whgeSJi99f/jE4sWIbHZ0wwR02ZCikKnS05arl3v+hiBKPQARAQAB',
  ].join(''),
  'base64',
)

/** `orion-tailscale-key SOURCE FILE`: base64; a release that the server does not have leaves nothing to encode. */
export const fetchKey: Program = ({ host }, [source = '', path = '']) => {
  if ((textAt(host, source) ?? '') !== '') return ok()
  const placed = host.files[path]
  if (placed !== undefined && placed.text !== '') return ok(bytesOf(placed).toString('base64'))
  const release = textAt(host, '/etc/os-release') ?? ''
  const [, id = ''] = /^ID="?([a-z]+)/m.exec(release) ?? []
  const [, suite = ''] = /^VERSION_CODENAME="?([a-z]+)/m.exec(release) ?? []
  if (RELEASES.has(`${id} ${suite}`)) return ok(KEY.toString('base64'))
  return { code: 0, stderr: 'curl: (22) The requested URL returned error: 404\n' }
}

/** `apt-get update` of what the options leave: it believes a source with the right key alone. */
export const updateLists: Program = ({ host, world }, args) => {
  const only = optionOf(args, 'Dir::Etc::sourcelist')
  const all = aptSources(host)
  const read = optionOf(args, 'Dir::Etc::sourceparts') === '-' ? all.filter(({ path }) => path === only) : all
  const ours = read.filter(isTailscale)
  const refused = ours.map((source) => refusalOf(host, source)).find((one) => one !== undefined)
  if (refused !== undefined) return refused
  const known = tailscaleOf(host)
  known.listed = ours.length > 0 || (known.listed && optionOf(args, 'APT::Get::List-Cleanup') === '0')
  world.changed()
  return ok('Reading package lists... Done\n')
}

/** Lists without their source count for nothing. */
export function isListed(host: HostState): boolean {
  return host.tailscale?.listed === true && aptSources(host).some(isTailscale)
}

const isTailscale = ({ fields }: AptSource): boolean => fields.get('URIs')?.startsWith(SERVER) === true

function optionOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg, at) => args[at - 1] === '-o' && arg.startsWith(`${name}=`))?.slice(name.length + 1)
}

function refusalOf(host: HostState, { fields }: AptSource): Output | undefined {
  const [uri = '', suite = ''] = [fields.get('URIs')?.trim(), fields.get('Suites')?.trim()]
  const repository = `The repository '${uri} ${suite}`
  if (!RELEASES.has(`${uri.slice(SERVER.length)} ${suite}`))
    return failed(100, `E: ${repository} Release' does not have a Release file.`)
  if (!signerOf(host, fields.get('Signed-By') ?? '').includes(KEY))
    return failed(100, `E: ${repository} InRelease' is not signed.\nW: NO_PUBKEY 458CA832957F5868`)
  if (fields.get('Components')?.trim() === 'main') return undefined
  return failed(100, `E: ${repository} InRelease' has none of its components`)
}

/** A key in the source itself (deb822: an empty line is a dot), or the path of a file with it. */
function signerOf(host: HostState, text: string): Buffer {
  const [first = '', ...lines] = text.split('\n').map((line) => line.trim())
  const file = first.startsWith('/') ? host.files[first] : undefined
  if (file !== undefined) return bytesOf(file)
  return Buffer.from(lines.filter((line) => /^[A-Za-z0-9+/]+=*$/.test(line)).join(''), 'base64')
}
