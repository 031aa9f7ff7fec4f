// A full mesh of any size: each gateway a site of its own, a link between every two of them.
export const SITE = 'large'

export const gatewayName = (index: number): string => `g${String(index).padStart(3, '0')}`

/** The site file as text; gateways 1 … count, so that a larger one has all of a smaller one's. */
export function largeMesh(count: number): string {
  const every = (line: (name: string, index: number) => string): string =>
    Array.from({ length: count }, (_, at) => line(gatewayName(at + 1), at + 1)).join('\n')
  return `site: ${SITE}
nodes:
${every((name, index) => `  ${name}: { address: 10.100.${index}.11 }`)}
mesh:
  network: 10.99.0.0/16
  port: 51820
  postQuantum: ml-kem-768
  topology: full
  gateways:
${every((name, index) => `    ${name}: { endpoint: ${name}.large.example, address: 10.99.${index}.1, routes: [10.100.${index}.0/24] }`)}
`
}
