// What orion mesh rotate says before it asks, and at its end.
import type { RotateLink, RotateReport } from './mesh-rotate.ts'

type Kind = 'psk' | 'pair'

const TITLES = { direct: 'straight links', hub: 'links over the hub', bypass: 'links over the bypass' } as const
const WHAT: Readonly<Record<Kind, string>> = { psk: 'preshared keys', pair: 'key pairs' }

/** Which links, in which order, and what it costs. */
export function beforeText(kind: Kind, classes: readonly (readonly RotateLink[])[]): readonly string[] {
  const all = classes.flat()
  const lost = kind === 'pair' ? all.filter((link) => !link.hasOtherWay).map(({ id }) => id) : []
  const head = `New ${WHAT[kind]} for ${all.length} ${all.length === 1 ? 'link' : 'links'}, one class after the other:`
  const rows = classes.map((links) => {
    const title = TITLES[links[0]?.class ?? 'direct']
    return `  ${title}: ${links.map(({ id }) => id).join(' ')}`
  })
  const cost =
    kind === 'psk'
      ? 'Sessions go on. Each class takes up to 2 minutes: until the next handshake.'
      : 'Sessions begin anew: traffic is first asked to go another way.'
  const warning = `No other way while it changes, so some seconds are lost: ${lost.join(' ')}`
  return [head, ...rows, cost, ...(lost.length > 0 ? [warning] : [])]
}

/** How it ended, and what is next; the commands are still to be completed. */
export function afterText(
  kind: Kind,
  reports: readonly RotateReport[],
  bypass: readonly string[],
  wish: { readonly links: readonly string[]; readonly bypass: boolean } = { links: [], bypass: false },
): readonly string[] {
  const count = (state: RotateReport['state']) => reports.filter((one) => one.state === state).length
  const done = count('rotated') + count('finished')
  const head = `${done} of ${reports.length} ${reports.length === 1 ? 'link has' : 'links have'} new ${WHAT[kind]}.`
  const failed = reports.filter(({ error }) => error !== undefined).map(({ id, error }) => `  ${id}: ${error?.message}`)
  const untried = count('not tried')
  const left = untried === 0 ? [] : [`${untried} not tried, so that a way stays as it was.`]
  const flags = kind === 'pair' ? ' --keypairs' : ''
  const same = [...wish.links, ...(wish.bypass ? ['--bypass'] : [])].map((word) => ` ${word}`).join('')
  if (done < reports.length) return [head, ...failed, ...left, `Try again: orion mesh rotate${same}${flags}`]
  const next = `Next, as a run of its own: orion mesh rotate --bypass${flags}`
  return [head, ...(bypass.length > 0 ? [next] : [])]
}
