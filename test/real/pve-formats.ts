// Named formats of Proxmox VE's API, for the values that orion sends.

/** Formats by name where a mistake is easily made; the others are free text here. */
export const FORMATS: Readonly<Record<string, RegExp>> = {
  'pve-node': /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  'pve-vmid': /^[1-9][0-9]{2,8}$/,
  'pve-storage-id': /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i,
  'pve-configid': /^[a-z][a-z0-9_-]+$/i,
  'pve-poolid': /^[A-Za-z0-9\-_./]+$/,
  'pve-userid': /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/,
  'pve-roleid': /^[A-Za-z0-9.\-_]+$/,
  'pve-bridge-id': /^[-_.\w]+$/,
  'mac-addr': /^([a-f0-9]{2}:){5}[a-f0-9]{2}$/i,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
  ipv6: /^[0-9a-f:.]*:[0-9a-f:.]*$/i,
  'dns-name': /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  'disk-size': /^\d+(\.\d+)?[KMGT]?$/,
  'pve-volume-id': /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i,
  'pve-volume-id-or-qm-path': /^(none|cdrom|\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
  'pve-volume-id-or-absolute-path': /^(\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
  'pve-startup-order': /^(\d+|(order|up|down)=\d+)(,(order|up|down)=\d+)*$/,
  'pve-tag-list': /^([a-z0-9_][a-z0-9_\-+.]*([;, ]|$))+$/i,
  'pve-storage-content': /^(images|rootdir|vztmpl|iso|backup|snippets|import|none)$/,
  'pve-qm-boot': /^(legacy=)?[acdn]{1,4}$|^order=[a-z]+\d+(;[a-z]+\d+)*$/,
  'pve-ipv4-config': /^(dhcp|manual|(\d{1,3}\.){3}\d{1,3}\/\d{1,2})$/,
  'pve-ipv6-config': /^(auto|dhcp|manual|[0-9a-f:.]+\/\d{1,3})$/i,
  'pve-qm-ipconfig': /^((ip|ip6|gw|gw6)=[0-9a-z:./]+)(,(ip|ip6|gw|gw6)=[0-9a-z:./]+)*$/i,
  'pve-qm-smbios1': /^(uuid=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|base64=[01]|[a-z]+=[^,]*)(,|$)/i,
  // Percent-encoded: nothing else may stand in it, a newline least of all.
  urlencoded: /^([-_.~!*'()A-Za-z0-9]|%[0-9a-fA-F]{2})*$/,
}
