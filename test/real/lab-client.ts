// The plainest client of a Proxmox VE API: reads with a token over a verified certificate. Tests look at the lab through it.
import { Agent, request } from 'node:https'
import { connect } from 'node:tls'

export interface Access {
  readonly host: string
  readonly port: number
  readonly token: { readonly id: string; readonly secret: string }
  readonly rootPassword: string
}

/** The certificate that a server shows, as PEM; nobody has vouched for it. */
export function certificateOf({ host, port }: Access): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      const lines = socket.getPeerCertificate().raw.toString('base64').replaceAll(/.{64}/g, '$&\n')
      socket.end()
      resolve(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`)
    })
    socket.once('error', reject)
  })
}

export interface Reader {
  /** `data` of a GET. Errors: any status but 200. */
  get<T>(path: string): Promise<T>
  close(): void
}

export function makeReader({ host, port, token }: Access, ca: string): Reader {
  const agent = new Agent({ keepAlive: true, ca })
  const headers = { Authorization: `PVEAPIToken=${token.id}=${token.secret}` }
  const get = <T>(path: string) =>
    new Promise<T>((resolve, reject) => {
      const sent = request({ host, port, path: `/api2/json${path}`, agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.once('end', () => {
          const { statusCode, statusMessage } = response
          if (statusCode === 200) resolve((JSON.parse(text) as { data: T }).data)
          else reject(new Error(`GET ${path}: ${statusCode} ${statusMessage}`))
        })
      })
      sent.once('error', reject).end()
    })
  return { get, close: () => agent.destroy() }
}
