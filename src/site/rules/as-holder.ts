// Who holds which well-known AS number (RIR registries), to notice a peer that is named after somebody else.

/** Names are lower case and as people write them in a peer's name; the first word or two are enough to know the holder. */
interface Holder {
  readonly title: string
  readonly names: readonly string[]
  readonly asns: readonly number[]
}

const HOLDERS: readonly Holder[] = [
  { title: 'Hurricane Electric', names: ['hurricane', 'hurricaneelectric', 'he'], asns: [6939] },
  { title: 'Telus', names: ['telus'], asns: [852] },
  { title: 'Cogent', names: ['cogent'], asns: [174] },
  { title: 'Arelion', names: ['arelion', 'telia'], asns: [1299] },
  { title: 'Lumen', names: ['lumen', 'level3', 'centurylink', 'qwest'], asns: [3356, 3549, 209] },
  { title: 'Cloudflare', names: ['cloudflare'], asns: [13335] },
  { title: 'Google', names: ['google'], asns: [15169] },
  { title: 'Amazon', names: ['amazon', 'aws'], asns: [16509] },
  { title: 'Microsoft', names: ['microsoft', 'azure'], asns: [8075] },
  { title: 'Comcast', names: ['comcast'], asns: [7922] },
  { title: 'Bell Canada', names: ['bellcanada', 'bell'], asns: [577] },
  { title: 'Rogers (Shaw)', names: ['rogers', 'shaw'], asns: [812, 6327] },
  { title: 'Deutsche Telekom', names: ['deutschetelekom', 'dtag', 'telekom'], asns: [3320] },
  { title: 'AT&T', names: ['att'], asns: [7018] },
  { title: 'Verizon', names: ['verizon'], asns: [701] },
  { title: 'NTT', names: ['ntt'], asns: [2914] },
  { title: 'GTT', names: ['gtt'], asns: [3257] },
  { title: 'Tata', names: ['tata'], asns: [6453] },
  { title: 'Zayo', names: ['zayo'], asns: [6461] },
  { title: 'Telecom Italia Sparkle', names: ['sparkle', 'seabone'], asns: [6762] },
  { title: 'Telefónica', names: ['telefonica', 'telxius'], asns: [12956] },
  { title: 'Orange', names: ['opentransit'], asns: [5511] },
  { title: 'Vodafone', names: ['vodafone'], asns: [1273] },
  { title: 'Singtel', names: ['singtel'], asns: [7473] },
  { title: 'SK Broadband', names: ['skbroadband'], asns: [9318] },
  { title: 'Korea Telecom', names: ['koreatelecom', 'kt'], asns: [4766] },
  { title: 'Hetzner', names: ['hetzner'], asns: [24940] },
  { title: 'OVH', names: ['ovh', 'ovhcloud'], asns: [16276] },
  { title: 'Vultr', names: ['vultr', 'choopa'], asns: [20473] },
]

const BY_ASN = new Map(HOLDERS.flatMap((holder) => holder.asns.map((asn) => [asn, holder] as const)))
const BY_NAME = new Map(HOLDERS.flatMap((holder) => holder.names.map((name) => [name, holder] as const)))

/**
 * Where a known AS number and the name of its peer are of two holders: both their titles. A name that speaks of nobody known
 * (`upstream`), or of the right holder among others (`he-via-telus` for AS6939), contradicts nothing.
 */
export function holderContradiction(
  asn: number,
  name: string,
): { readonly holder: string; readonly named: string } | undefined {
  const holder = BY_ASN.get(asn)
  if (holder === undefined) return undefined
  const named = namedHolders(name)
  const other = named.find((each) => each !== holder)
  return other === undefined || named.includes(holder) ? undefined : { holder: holder.title, named: other.title }
}

/**
 * Whom a name speaks of: by its words (`telus`, `telus2`), neighbouring words together (`hurricane-electric`), and what a
 * word begins with (`telusfibre`). Names of up to four letters have to be a whole word: `he` is not in `helsinki`.
 */
function namedHolders(name: string): Holder[] {
  const words = name.toLowerCase().split(/[^a-z0-9]+/)
  const whole = words.flatMap((word, index) => [word, word.replace(/\d+$/, ''), `${word}${words[index + 1] ?? ''}`])
  return [...BY_NAME]
    .filter(([known]) => whole.some((word) => word === known || (known.length > 4 && word.startsWith(known))))
    .map(([, holder]) => holder)
}
