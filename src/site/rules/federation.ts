// Rule: a federation is redundant: what ends one command cluster does not end another.
import type { Cluster, Finding, Site } from '../site.ts'
import { warning } from './verdict.ts'

/** Below this a storm, a flood or a cut cable meets both. */
const NEAR_KM = 50
const EARTH_RADIUS_KM = 6371

/** Only clusters of the tier `command` are looked at: the others are not there to take over. */
export function federation(site: Site): Finding[] {
  const command = site.clusters.filter(({ tier }) => tier === 'command')
  return [
    ...shared(command, 'powerGrid', 'the power grid', ({ powerGrid }) => (powerGrid === undefined ? [] : [powerGrid])),
    ...shared(command, 'isp', 'the ISP', ({ isp }) => isp),
    ...near(command),
  ]
}

function shared(
  clusters: readonly Cluster[],
  key: 'powerGrid' | 'isp',
  what: string,
  of: (cluster: Cluster) => readonly string[],
): Finding[] {
  const first = new Map<string, string>()
  const findings: Finding[] = []
  for (const cluster of clusters)
    for (const value of new Map(of(cluster).map((each) => [each.toLowerCase(), each])).values()) {
      const other = first.get(value.toLowerCase())
      if (other === undefined) first.set(value.toLowerCase(), cluster.name)
      else
        findings.push(
          warning(
            ['clusters', cluster.name, key],
            `command clusters ${other} and ${cluster.name} share ${what} ${value}`,
          ),
        )
    }
  return findings
}

function near(clusters: readonly Cluster[]): Finding[] {
  const findings: Finding[] = []
  clusters.forEach((cluster, index) => {
    for (const other of clusters.slice(0, index)) {
      if (cluster.location === undefined || other.location === undefined) continue
      const km = distanceKm(other.location, cluster.location)
      if (km >= NEAR_KM) continue
      const message = `command clusters ${other.name} and ${cluster.name} are ${Math.round(km)} km apart, under ${NEAR_KM} km`
      findings.push(warning(['clusters', cluster.name, 'location'], message))
    }
  })
  return findings
}

/** Great-circle distance in kilometres of two places in degrees (haversine formula, accurate to 0.5 %). */
export function distanceKm(a: readonly [number, number], b: readonly [number, number]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const [lat1, lat2] = [radians(a[0]), radians(b[0])]
  const east = radians(b[1] - a[1])
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(east / 2) ** 2
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}
