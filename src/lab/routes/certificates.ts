// /nodes/{node}/certificates: the one certificate that the lab really serves, as the file in which a node keeps its own.
import { X509Certificate } from 'node:crypto'
import { failure } from '../refusal.ts'
import type { Routes } from '../route.ts'

/** `cert`: PEM. */
export function certificateRoutes(cert: string): Routes {
  const seconds = (date: string) => Math.floor(Date.parse(date) / 1000)
  return {
    'GET /nodes/{node}/certificates': () => [{ name: 'acme' }, { name: 'custom' }, { name: 'info' }],
    'GET /nodes/{node}/certificates/info': ({ ids, world }) => {
      if (!world.state.hardware.nodes.some(({ name }) => name === ids.node))
        throw failure(`hostname lookup '${ids.node}' failed`)
      const { fingerprint256, subject, issuer, validFrom, validTo } = new X509Certificate(cert)
      return [
        {
          filename: 'pve-ssl.pem',
          fingerprint: fingerprint256,
          subject: `/${subject.replaceAll('\n', '/')}`,
          issuer: `/${issuer.replaceAll('\n', '/')}`,
          notbefore: seconds(validFrom),
          notafter: seconds(validTo),
          pem: cert,
          san: ['localhost', '127.0.0.1'],
          'public-key-type': 'id-ecPublicKey',
          'public-key-bits': 256,
        },
      ]
    },
  }
}
