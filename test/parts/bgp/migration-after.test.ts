// The clean-up also of a move that was prepared and then given up.
import assert from 'node:assert/strict'
import { GOBGP_FILES } from '../../../src/parts/bgp/gobgp.ts'
import { cleanUp } from '../../../src/parts/bgp/migration-after.ts'
import { moveTo, prepared } from './migration-host.ts'

describe('parts/bgp/migration-after', () => {
  it('takes away what was prepared for GoBGP, its unit first, and nothing of BIRD', async () => {
    const asked: string[] = []
    const host = {
      name: 'router',
      run: async (argv: readonly string[]) => void asked.push(argv.join(' ')),
      write: async (files: readonly { path: string; text?: string }[]) =>
        void asked.push(...files.map(({ path, text }) => `${text === undefined ? 'remove' : 'write'} ${path}`)),
      forget: () => undefined,
    }
    const all = prepared()
    const protocols = { code: 0, stdout: '', stderr: '' }
    const seen = { ...all, commands: new Map([...all.commands, ['bird-protocols', protocols]]) }
    const files = Object.values(GOBGP_FILES).filter((path) => seen.files.has(path))
    const move = { ...moveTo('bird', seen), host, watchSeconds: 172_800 } as unknown as Parameters<typeof cleanUp>[0]
    assert.deepEqual(
      await cleanUp(move),
      files.map((path) => `removed ${path}`),
    )
    assert.ok(files.includes(GOBGP_FILES.conf) && files.includes(GOBGP_FILES.unit))
    const at = asked.indexOf('systemctl disable --now --quiet orion-gobgp.service')
    assert.ok(at >= 0 && at < asked.indexOf(`remove ${GOBGP_FILES.unit}`))
    assert.ok(!asked.some((line) => line.includes('/etc/bird/')))
  })
})
