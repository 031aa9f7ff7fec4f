// A router that updates itself, on a real host of Debian 13: unattended-upgrade leaves BIRD alone where an update of it waits, needrestart
// leaves what speaks BGP running where its libraries changed, and the validator's units are in order and answer over RTR.
import assert from 'node:assert/strict'
import type { HostFile } from '../../src/host/host.ts'
import { type Router, routersOf } from '../../src/parts/router/router.ts'
import { rpki } from '../../src/parts/router/rpki.ts'
import { updates } from '../../src/parts/router/updates.ts'
import type { FileSet } from '../../src/resources/file-set.ts'
import { NOTHING } from '../../src/resources/host-facts.ts'
import { parseSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { within } from '../hosts/inside.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { KEY } from '../site/site-text.ts'

const SITE = `
site: keeps
nodes: { pve: { address: 10.77.0.2, ports: { wan: eno1, lan: eno2 } } }
networks: { wan: { bridge: vmbr0 }, lan: { bridge: vmbr1, ipv6: "2602:f674:0:1::/64", router: router } }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, import] } }
images: { debian: { url: https://images.example.net/debian.qcow2, checksum: "sha512:${'0'.repeat(128)}" } }
guests:
  router: { id: 200, node: pve, storage: local, image: debian, memory: 1G, disk: 8G, nics: { wan: { ipv4: dhcp, ipv6: "2602:f674:ffff::2/64" }, lan: { ipv6: "2602:f674:0:1::1" } } }
firewall: { router: router, allow: [], masquerade: wan }
bgp: { router: router, asn: 394955, routerId: 192.0.2.1, announce: ["2602:f674::/48"], peers: { up: { asn: 6939, address: "2602:f674:ffff::1", relation: provider } } }
`

/** A repository of Debian's security updates in a folder: each package as it is installed, in a version that is higher. */
const REPOSITORY = `set -e
cd "$(mktemp -d)"
for package; do
  mkdir -p "$package/DEBIAN" repo
  dpkg-query --status "$package" | sed -e '/^Status:/d' -e '/^Conffiles:/,/^[^ ]/{/^Conffiles:/d;/^ /d}' -e 's/^Version: .*/&+deb13u99/' > "$package/DEBIAN/control"
  for script in preinst postinst prerm postrm conffiles; do
    [ ! -e "/var/lib/dpkg/info/$package.$script" ] || cp -p "/var/lib/dpkg/info/$package.$script" "$package/DEBIAN/$script"
  done
  while read -r path; do
    if [ -d "$path" ] && [ ! -L "$path" ]; then mkdir -p "$package$path"
    elif [ -e "$path" ] || [ -L "$path" ]; then mkdir -p "$package\${path%/*}" && cp -a "$path" "$package$path"
    fi
  done < "/var/lib/dpkg/info/$package.list"
  dpkg-deb --build -Znone --root-owner-group "$package" "repo/$package.deb" > /dev/null
  { cat "$package/DEBIAN/control"
    echo "Filename: ./$package.deb"
    echo "Size: $(stat -c %s "repo/$package.deb")"
    printf 'SHA256: %s\\n\\n' "$(sha256sum "repo/$package.deb" | cut -d ' ' -f 1)"
  } >> repo/Packages
done
{ printf 'Origin: Debian\\nLabel: Debian-Security\\nSuite: stable-security\\nCodename: trixie-security\\nDate: %s\\nSHA256:\\n' "$(date -Ru)"
  printf ' %s %s Packages\\n' "$(sha256sum repo/Packages | cut -d ' ' -f 1)" "$(stat -c %s repo/Packages)"
} > repo/Release
rm -rf /srv/security && mv repo /srv/security && chmod -R a+rX /srv/security
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/security ./' > /etc/apt/sources.list
apt-get update -q`

/** A file that programs have open is replaced by the same one, as an update does. */
const REPLACE =
  'file=$(readlink -f "$(ldconfig -p | sed -n "s/.*libc.so.6 .*=> //p" | head -n 1)") && cp -a "$file" "$file.new" && mv "$file.new" "$file"'

/** Two validated payloads of now, as rpki-client writes them. */
const VALIDATED = (at: Date) =>
  JSON.stringify({
    metadata: { buildtime: at.toISOString().replace(/\.\d+/, '') },
    roas: [
      {
        asn: 394955,
        prefix: '2602:f674::/48',
        maxLength: 48,
        ta: 'arin',
        expires: Math.floor(at.getTime() / 1000) + 86_400,
      },
      {
        asn: 6939,
        prefix: '216.218.128.0/17',
        maxLength: 24,
        ta: 'arin',
        expires: Math.floor(at.getTime() / 1000) + 86_400,
      },
    ],
  })

/** RFC 8210 5.4: a Reset Query; the sum of the lengths of what comes back within a second. */
const ASK = "exec 3<>/dev/tcp/::1/8282 && printf '\\1\\2\\0\\0\\0\\0\\0\\10' >&3 && { timeout 1 cat <&3 || :; } | wc -c"

describe('a router that updates itself, on a real host', function () {
  this.timeout(120_000)
  let host: TestHost
  let site: Site
  let router: Router

  before(async function () {
    await withHosts(this)
    site = await parseSite(SITE, '/site.yaml', { home: '/nowhere', standInKey: KEY })
    const [found] = routersOf(site)
    assert.ok(found)
    router = found
    host = await startHost({ name: 'updates' })
    await apply(updates(site, router, {}))
  })

  after(() => host?.stop())

  const sh = (text: string, ...words: readonly string[]) => host.must(['bash', '-c', text, 'sh', ...words])
  const put = async ({ path, text = '', mode = 0o644 }: HostFile) => {
    const script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"'
    await host.must(['sh', '-c', script, 'sh', path, mode.toString(8)], { input: text })
  }
  const apply = async (set: FileSet) => {
    for (const file of set.files(NOTHING)) await put(file)
    for (const argv of typeof set.activate === 'function' ? set.activate(NOTHING) : set.activate) await host.must(argv)
  }
  const pidOf = async (unit: string) => (await host.must(['systemctl', 'show', '-P', 'MainPID', unit])).trim()
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what dpkg-query fills in
  const versionOf = async (name: string) => (await host.must(['dpkg-query', '-W', '-f', '${Version}', name])).trim()

  it('installs security updates, and leaves BIRD as it is and running', async () => {
    await host.must(['systemctl', 'start', 'bird'])
    const before = { pid: await pidOf('bird'), bird: await versionOf('bird2') }
    assert.notEqual(before.pid, '0')
    await sh(REPOSITORY, 'bird2', 'gobgpd', 'bgpq4')
    const said = await sh('unattended-upgrade --debug 2>&1')
    assert.match(said, /bird2/)
    assert.match(await versionOf('bgpq4'), /\+deb13u99$/)
    assert.deepEqual({ pid: await pidOf('bird'), bird: await versionOf('bird2') }, before)
    assert.doesNotMatch(await versionOf('gobgpd'), /\+deb13u99$/)
  })

  it('restarts others for a new library, and nothing that speaks BGP', async () => {
    const units = ['bird', 'orion-gobgp', 'gobgpd', 'control']
    await sh('for unit in orion-gobgp control; do systemd-run -q --unit=$unit sleep infinity; done')
    await put({
      path: '/etc/systemd/system/gobgpd.service.d/test.conf',
      text: '[Unit]\nConditionPathExists=\n[Service]\nType=simple\nUser=\nExecStartPre=\nExecStart=\nExecStart=/usr/bin/sleep infinity\n',
    })
    await host.must(['sh', '-c', 'systemctl daemon-reload && systemctl restart gobgpd'])
    const pids = () => Promise.all(units.map(pidOf))
    const before = await pids()
    assert.ok(
      before.every((pid) => pid !== '0'),
      before.join(),
    )
    await sh(REPLACE)
    await sh('NEEDRESTART_MODE=a needrestart -r a -l 2>&1')
    const after = await pids()
    assert.deepEqual(after.slice(0, 3), before.slice(0, 3))
    assert.notEqual(after[3], before[3])
  })

  it('has units of the validator that systemd finds nothing wrong with', async () => {
    const set = rpki(site, router, {})
    assert.ok(set)
    for (const file of set.files(NOTHING)) await put(file)
    await host.must(['systemctl', 'daemon-reload'])
    const units = ['bird.service', 'stayrtr.service', 'rpki-client.service', 'rpki-client.timer']
    const { code, stdout, stderr } = await host.exec(['systemd-analyze', 'verify', '--man=no', ...units])
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' })
  })

  it('answers BIRD on this machine alone, while nothing can be validated yet, and with what was validated', async () => {
    const set = rpki(site, router, {})
    assert.ok(set)
    await put({ path: '/var/lib/rpki-client/json', text: VALIDATED(new Date()) })
    const start = performance.now()
    await apply(set)
    // The first validation of all takes minutes, and is not waited for.
    assert.ok(performance.now() - start < 30_000)
    // A Cache Response, an IPv4 and an IPv6 payload, an End of Data: RFC 8210 5.5 to 5.8.
    await within(20_000, 'two payloads over RTR', async () => (await sh(ASK)).trim() === String(8 + 20 + 32 + 24))
    const listens = await sh("ss -Hltnp | grep stayrtr | awk '{ print $4 }'")
    assert.equal(listens, '[::1]:8282\n')
    assert.equal((await host.must(['systemctl', 'is-active', 'rpki-client.timer'])).trim(), 'active')
    assert.equal((await host.must(['systemctl', 'is-enabled', 'rpki-client.timer'])).trim(), 'enabled')
  })
})
