// What of the routes of others is ours, but for what the site file gives to a customer.
import { type Cidr, contains, formatNetwork, parseCidr } from '../../site/ip.ts'
import type { BgpPeer } from '../../site/services.ts'
import type { FamilyModel } from './bird-model.ts'

/** A customer's prefixes out of ours. One that is as wide as ours, or wider, makes nothing of ours his. */
export function givenTo({ prefixes }: BgpPeer, announce: readonly string[]): readonly string[] {
  const ours = announce.flatMap((text) => parseCidr(text) ?? [])
  const given = prefixes.flatMap((text) => parseCidr(text) ?? [])
  const isOut = (one: Cidr) => ours.some((own) => own.prefix < one.prefix && contains(own, one))
  return given.filter(isOut).map((one) => `${formatNetwork(one)}+`)
}

type OwnModel = Pick<FamilyModel, 'family' | 'announce' | 'linked'>

/** The test for what nobody else may announce, as BIRD has it; undefined = there is nothing of ours. */
export function ownTest({ family, announce, linked }: OwnModel, given: readonly string[]): string | undefined {
  const sets = [...(announce.length > 0 ? [`OWN${family}`] : []), ...(linked.length > 0 ? [`LINKED${family}`] : [])]
  if (sets.length === 0) return undefined
  const any = sets.map((set) => `net ~ ${set}`).join(' || ')
  return given.length === 0 ? any : `(${any}) && net !~ [ ${given.join(', ')} ]`
}
