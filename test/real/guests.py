# A day with python3-proxmoxer: makes a VM and a container, changes, starts and deletes them. Prints what it saw as JSON.
import json
import os
import sys
import time

from proxmoxer import ProxmoxAPI, ResourceException

NODE = os.environ["LAB_NODE"]
TEMPLATE = os.environ["LAB_TEMPLATE"]


def connect():
    """With the token from the environment, or else by password (a ticket with its CSRF token)."""
    host = os.environ["LAB_HOST"]
    where = dict(port=int(os.environ["LAB_PORT"]), verify_ssl=os.environ["LAB_CA"])
    if "LAB_PASSWORD" in os.environ:
        return ProxmoxAPI(host, user="root@pam", password=os.environ["LAB_PASSWORD"], **where)
    user, name = os.environ["LAB_TOKEN_ID"].split("!")
    return ProxmoxAPI(host, user=user, token_name=name, token_value=os.environ["LAB_TOKEN_SECRET"], **where)


def wait(pve, upid):
    """The exit status of a task, once it has one."""
    for _ in range(300):
        status = pve.nodes(NODE).tasks(upid).status.get()
        if status["status"] == "stopped":
            return status["exitstatus"]
        time.sleep(0.1)
    sys.exit("the task did not end: " + upid)


def refusal(call):
    """What a call is refused with."""
    try:
        call()
    except ResourceException as error:
        return {"status": error.status_code, "text": error.content}
    return None


def virtual_machine(pve, seen):
    qemu = pve.nodes(NODE).qemu
    make = dict(name="snake", cores=2, memory=2048, scsihw="virtio-scsi-single", scsi0="local-zfs:8",
                net0="virtio,bridge=vmbr0", description="made by a snake: ä & ö", onboot=1)
    seen["vm create"] = wait(pve, qemu.create(vmid=901, **make))
    seen["vm again"] = refusal(lambda: qemu.create(vmid=901, **make))
    seen["vm config"] = qemu(901).config.get()
    seen["vm null"] = qemu(901).config.put(cores=4)
    seen["vm resize"] = wait(pve, qemu(901).resize.put(disk="scsi0", size="+2G"))
    seen["vm start"] = wait(pve, qemu(901).status.start.post())
    seen["vm running"] = qemu(901).status.current.get()
    seen["vm delete running"] = refusal(lambda: qemu(901).delete())
    seen["vm listed"] = [guest for guest in pve.cluster.resources.get(type="vm") if guest["vmid"] == 901]
    seen["vm stop"] = wait(pve, qemu(901).status.stop.post())
    seen["vm delete"] = wait(pve, qemu(901).delete(purge=1))
    seen["vm gone"] = refusal(lambda: qemu(901).config.get())


def container(pve, seen):
    lxc = pve.nodes(NODE).lxc
    seen["ct create"] = wait(pve, lxc.create(
        vmid=902, hostname="shell", ostemplate=TEMPLATE, rootfs="local-zfs:4", memory=512, cores=1, unprivileged=1,
        features="nesting=1", net0="name=eth0,bridge=vmbr0,ip=dhcp"))
    seen["ct config"] = lxc(902).config.get()
    seen["ct start"] = wait(pve, lxc(902).status.start.post())
    seen["ct running"] = lxc(902).status.current.get()["status"]
    seen["ct stop"] = wait(pve, lxc(902).status.stop.post())
    seen["ct delete"] = wait(pve, lxc(902).delete())
    seen["ct no template"] = wait(pve, lxc.create(
        vmid=903, hostname="hollow", ostemplate="local:vztmpl/none.tar.zst", rootfs="local-zfs:4"))


def refusals(pve, seen):
    qemu = pve.nodes(NODE).qemu
    seen["unknown parameter"] = refusal(lambda: qemu.create(vmid=904, colour="red"))
    seen["wrong values"] = refusal(lambda: qemu.create(vmid=904, cores="many", bios="coreboot", net0="virtio,tag=9000"))
    seen["unknown node"] = refusal(lambda: pve.nodes("nowhere").qemu.get())
    seen["unknown path"] = refusal(lambda: pve.nodes(NODE).teapot.get())
    seen["missing pool"] = refusal(lambda: pve.pools("nobodys").get())


def main():
    pve = connect()
    seen = {"version": pve.version.get(), "nextid": pve.cluster.nextid.get()}
    virtual_machine(pve, seen)
    container(pve, seen)
    refusals(pve, seen)
    json.dump(seen, sys.stdout)


main()
