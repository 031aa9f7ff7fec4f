// The certificate of a host's API, read over SSH.
import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCertificate, refuseCertificate } from '../../src/host/certificate.ts'
import { keygen, makeKey, needsSshd, type Sshd, startSshd } from './sshd.ts'

describe('host certificates', () => {
  let sshd: Sshd
  let config: string
  before(async function () {
    await needsSshd(this)
    sshd = await startSshd()
    config = sshd.dir
    for (const type of ['ed25519', 'ecdsa', 'rsa']) await makeKey(join(config, `ca_${type}`), type)
  })
  after(async () => await sshd?.stop())

  const blob = async (file: string) => Buffer.from((await readFile(file, 'utf8')).split(' ')[1] ?? '', 'base64')

  async function certify(type: string, authority: string, ...args: string[]): Promise<Buffer> {
    const file = join(config, `key-${Math.random()}`)
    await makeKey(file, type)
    await keygen('-q', '-s', join(config, `ca_${authority}`), '-I', 'id', ...args, `${file}.pub`)
    return await blob(`${file}-cert.pub`)
  }

  async function verdict(
    certificate: Buffer,
    authority: string,
    more: { host?: string; now?: number; revoked?: boolean } = {},
  ) {
    const parsed = parseCertificate(certificate)
    const key = (await blob(join(config, `ca_${authority}.pub`))).toString('base64')
    const entries = [{ type: 'x', key, place: 'file:1' }]
    const { host = 'r730', now = Math.floor(Date.now() / 1000), revoked = false } = more
    return refuseCertificate(parsed, {
      key: parsed.key,
      host,
      now,
      authorities: entries,
      revoked: revoked ? entries : [],
    })
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'])
    for (const authority of ['ed25519', 'ecdsa', 'rsa'])
      it(`a ${type} key, certified by a key of type ${authority}`, async () => {
        const good = await certify(type, authority, '-h', '-n', 'r730,10.0.0.1')
        assert.equal(await verdict(good, authority), undefined)
        const bad = Buffer.from(good)
        bad.writeUInt8(bad.readUInt8(bad.length - 3) ^ 1, bad.length - 3)
        assert.equal(await verdict(bad, authority), 'the signature of the authority is wrong')
      })

  it('refuses what proves nothing', async () => {
    const host = await certify('ed25519', 'ed25519', '-h', '-n', '*.lab')
    assert.equal(await verdict(host, 'ed25519', { host: 'A.lab' }), undefined)
    assert.match((await verdict(host, 'ed25519')) ?? '', /for \*\.lab, not for r730/)
    assert.match((await verdict(host, 'rsa', { host: 'a.lab' })) ?? '', /authority is not a trusted one/)
    assert.match((await verdict(host, 'ed25519', { host: 'a.lab', revoked: true })) ?? '', /revoked/)
    assert.match((await verdict(await certify('ed25519', 'ed25519', '-n', 'r730'), 'ed25519')) ?? '', /of a user/)
    assert.match((await verdict(await certify('ed25519', 'ed25519', '-h'), 'ed25519')) ?? '', /no named host/)
    const short = await certify('ed25519', 'ed25519', '-h', '-n', 'r730', '-V', '20200101:20200201')
    assert.match((await verdict(short, 'ed25519')) ?? '', /expired/)
    assert.match((await verdict(short, 'ed25519', { now: 1000 })) ?? '', /not valid yet/)
    assert.throws(() => parseCertificate(host.subarray(0, 100)), /too early/)
    assert.throws(() => parseCertificate(Buffer.concat([host, Buffer.of(0)])), /behind/)
  })

  describe('of a server', () => {
    let server: Sshd | undefined
    afterEach(async () => {
      await server?.stop()
      server = undefined
    })

    async function start(type: 'ed25519' | 'rsa' | 'ecdsa', principals: string): Promise<Sshd> {
      const file = join(config, `cert-${type}-${Math.random()}`)
      const started = await startSshd({ keys: [type], config: `HostCertificate ${file}-cert.pub` })
      server = started
      // The server reads its certificate when it starts; its key is only known then, so it is started by SIGHUP anew.
      await copyFile(join(started.dir, `host_${type}.pub`), `${file}.pub`)
      await keygen('-q', '-s', join(config, 'ca_ed25519'), '-I', 'id', '-h', '-n', principals, `${file}.pub`)
      await started.reload()
      return started
    }

    const trusting = async (sshd: Sshd, authority: string, more = '') => {
      const file = join(sshd.dir, 'ca_known')
      const key = (await readFile(join(config, `ca_${authority}.pub`), 'utf8')).split(' ').slice(0, 2).join(' ')
      await writeFile(file, `@cert-authority [127.0.0.1]:${sshd.port} ${key}\n${more.replace('KEY', key)}`)
      return sshd.host({ knownHosts: [file] })
    }

    for (const type of ['ed25519', 'rsa', 'ecdsa'] as const)
      it(`is enough with a trusted authority (${type})`, async () => {
        const host = await trusting(await start(type, '127.0.0.1'), 'ed25519')
        assert.equal((await host.run(['echo', 'in'])).stdout, 'in\n')
      })

    it('is not enough with another name, another authority, or a revoked one', async () => {
      const sshd = await start('ed25519', 'other.lab')
      const refused = (message: RegExp) => ({ code: 'E_HOST_KEY', message })
      await assert.rejects((await trusting(sshd, 'ed25519')).ends(), refused(/for other\.lab, not for 127\.0\.0\.1/))
      await assert.rejects((await trusting(sshd, 'rsa')).ends(), refused(/not a trusted one/))
      const revoked = await trusting(sshd, 'ed25519', '@revoked * KEY\n')
      await assert.rejects(revoked.ends(), refused(/is revoked/))
    })

    it('says so where the server has none', async () => {
      server = await startSshd()
      await assert.rejects((await trusting(server, 'ed25519')).ends(), {
        code: 'E_HOST_KEY',
        message: /has no certificate/,
      })
    })
  })
})
