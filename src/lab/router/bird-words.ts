// Words that BIRD knows by itself (2.0 to 3.1), as far as a border router needs them.

const WORDS = `
  log syslog all stderr timeformat base protocol route iso long short ms us router id from define filter function template table
  roa4 roa6 ipv4 ipv6 aspa vpn4 vpn6 flow4 flow6 mpls eval attribute debug mrtdump cli hostname watchdog threads graceful restart wait
  int bool ip prefix pair quad ec lc string bgpmask bgppath clist eclist lclist rd set enum void bytestring
  if then else case for do in return accept reject print printn true false and or not var unset defined
  net proto source scope dest gw ifname ifindex preference igp_metric weight gw_mpls onlink type len src dst asn maxlen
  bgp_path bgp_origin bgp_next_hop bgp_med bgp_local_pref bgp_atomic_aggr bgp_aggregator bgp_community bgp_ext_community
  bgp_large_community bgp_originator_id bgp_cluster_list bgp_otc krt_source krt_metric krt_prefsrc krt_realm krt_scope
  first last last_nonaggregated empty add delete prepend reset mask is_v4 is_v6 len data data1 data2 append min max count
  roa_check aspa_check aspa_check_upstream aspa_check_downstream format from_hex bt_assert
  ROA_VALID ROA_INVALID ROA_UNKNOWN ASPA_VALID ASPA_INVALID ASPA_UNKNOWN
  RTS_INHERIT RTS_DEVICE RTS_STATIC_DEVICE RTS_STATIC RTS_BGP RTS_PIPE RTS_BABEL RTS_RPKI RTS_OSPF RTS_RIP RTS_RADV
  RTD_UNICAST RTD_BLACKHOLE RTD_UNREACHABLE RTD_PROHIBIT RTD_ROUTER RTD_DEVICE
  NET_IP4 NET_IP6 NET_ROA4 NET_ROA6 ORIGIN_IGP ORIGIN_EGP ORIGIN_INCOMPLETE SCOPE_UNIVERSE SCOPE_LINK SCOPE_HOST SCOPE_SITE
  device direct static kernel bgp bfd rpki pipe radv disabled description interface interval multiplier multihop scan time
  learn persist merge paths metric import export none where limit action block disable warn keep filtered receive
  local neighbor as port external internal role customer provider peer rs_client rs_server require roles ttl security password
  passwords authentication md5 ao keys key secret algorithm cmac aes128 hmac sha1 sha256 sha512 preferred deprecated allow sets on off
  yes no enable hold keepalive connect retry delay startup error send error after cease next hop hops self keep direct llevel missing lladdr drop ignore
  strict bind enforce dynamic name range digits passive rr client cluster confederation member rs path prefer older med advertise hostname
  interpret communities default bgp_med capabilities route refresh extended messages enhanced aware gateway recursive secondary validate
  cost lived stale long gr llgr remote refresh expire transport tcp unprotected ssh bird private public user unreachable prohibit blackhole via
  dev check link priority sorted trie ipv6 sadr min max idle accept only deterministic use attribute free update total version
`
export const BIRD_WORDS: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter((word) => word !== ''))
