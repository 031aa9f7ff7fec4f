// Packages that the apt of simulated hosts knows: well-known ones of Debian and Proxmox VE that a node may want.

const NAMES = `
  acl acpid aptitude apt-file apt-listchanges apt-transport-https arping arptables at attr auditd autossh bash-completion bat bc
  bind9-dnsutils bird2 bmon borgbackup bpftool bridge-utils btop btrfs-progs build-essential byobu bzip2 ca-certificates ceph-common
  certbot chrony cifs-utils clamav cloud-guest-utils cloud-image-utils cloud-init collectd colordiff conntrack conntrackd corosync
  corosync-qdevice corosync-qnetd cpufrequtils cron cryptsetup cryptsetup-initramfs curl debian-goodies debootstrap dialog
  diffutils dkms dmidecode dmsetup dnsmasq dnsutils dosfstools dstat duf duplicity ebtables edac-utils efibootmgr ethtool etckeeper
  exfatprogs exim4 expect fail2ban fatrace fd-find fdisk file fio firmware-linux firmware-misc-nonfree firmware-realtek fping frr
  frr-pythontools fwupd fzf g++ gawk gcc gdb gddrescue gdisk geoip-database git gnupg gnupg2 golang-go gparted grub-efi-amd64 haproxy
  haveged hdparm hping3 htop hwinfo hwloc i2c-tools ifenslave ifstat ifupdown2 iftop inotify-tools intel-gpu-tools intel-microcode
  amd64-microcode inxi ioping iotop iotop-c iozone3 ipcalc iperf iperf3 ipmitool iproute2 ipset iptables iptables-persistent
  iptraf-ng iputils-arping iputils-ping irqbalance jq keepalived kexec-tools kpartx ksmtuned less libguestfs-tools libpam-google-authenticator
  libsasl2-modules libvirt-clients linux-cpupower linux-perf lldpd lm-sensors locales logrotate logwatch lsb-release lshw lsof
  lsscsi ltrace lvm2 lynis lzop mailutils make man-db mbuffer mc mcelog mdadm memtester memtest86+ micro minicom molly-guard mosh
  msmtp mtr mtr-tiny multipath-tools multitail nagios-nrpe-server nano ncdu neovim net-tools netcat-openbsd netcat-traditional
  netdata nethogs netplan.io nfs-common nfs-kernel-server nftables ngrep nginx nload nmap nmon ntp ntpdate ntpsec numactl numad nut
  nut-client nut-server nvidia-driver nvme-cli nvtop open-iscsi openipmi openssh-client openssh-server openssl openvpn openvswitch-switch
  ovmf parted patch pciutils pigz postfix powertop prometheus-node-exporter proxmox-backup-client proxmox-kernel-6.8
  proxmox-kernel-6.14 proxmox-ve psmisc pv pve-headers proxmox-headers-6.8 proxmox-headers-6.14 proxmox-default-headers python3
  python3-pip python3-proxmoxer python3-requests python3-venv qemu-guest-agent qemu-utils qrencode radvd rasdaemon rclone rename
  restic ripgrep rng-tools5 rsync rsyslog samba sanoid screen sed sg3-utils shellcheck smartmontools smbclient snmp snmpd socat
  software-properties-common spice-vdagent sqlite3 squashfs-tools ssh-import-id sshfs sshpass ssl-cert strace stress stress-ng
  strongswan sudo swtpm swtpm-tools sysfsutils sysstat systemd-boot systemd-container systemd-cron systemd-journal-remote
  systemd-resolved systemd-timesyncd systemd-zram-generator tar targetcli-fb tcpdump telnet tftpd-hpa thin-provisioning-tools tig tldr
  tmux traceroute tree tshark tuned tzdata ufw unattended-upgrades unzip uptimed usbutils util-linux uuid-runtime vim vim-nox vim-tiny
  virt-what virtiofsd vlan vnstat w3m watchdog wget whois wireguard wireguard-tools wireless-tools xfsprogs xz-utils yq
  zabbix-agent2 zfs-auto-snapshot zfs-zed zfsutils-linux zip zram-tools zsh zstd
`

/** Every name is a real one; many real ones are missing. */
export const wellKnown: ReadonlySet<string> = new Set(NAMES.split(/\s+/).filter((name) => name !== ''))
