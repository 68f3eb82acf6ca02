//! Sandbox of the document inspector: before the process reads a document, it gives up every permission that it does not need.
//! `inspect` calls it.
//!
//! There are two independent layers. seccomp allows only a short list of system calls. Landlock closes files, network, signals and
//! abstract sockets.

use std::{
    collections::BTreeMap,
    fs::File,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    },
    process::Command,
    thread,
};

use anyhow::{Context, ensure};
use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rlimit::Resource;
use rustix::{
    net::{AddressFamily, SocketType},
    process::{Pid, getppid, test_kill_process},
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use serde::{Deserialize, Serialize};

/// The CPU time limit, in seconds, and the memory limit, in bytes.
const SECONDS: u64 = 20;
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// The system calls that a process needs to read its input, compute, and write its answer.
const CALLS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// System calls about memory. Their third argument, the protection, must not make it executable.
const MEMORY_CALLS: [libc::c_long; 2] = [libc::SYS_mmap, libc::SYS_mprotect];

/// Sandboxes this process. Fails if the system does not enforce both layers, unless `may_be_open` allows that.
pub fn confine(may_be_open: bool) -> anyhow::Result<()> {
    // Requests of people have priority.
    rustix::process::nice(10)?;
    // At the soft CPU limit the process ends by SIGXCPU, a signal that nothing else sends.
    for (resource, soft, most) in [
        (Resource::AS, MEMORY, MEMORY),
        (Resource::CPU, SECONDS, SECONDS + 1),
        (Resource::FSIZE, 0, 0),
        (Resource::CORE, 0, 0),
        // Root is exempt from this limit; the list of system calls applies to everybody.
        (Resource::NPROC, 0, 0),
    ] {
        let (_, hard) = resource.get()?;
        resource.set(soft.min(hard), most.min(hard))?;
    }
    for wall in [land_lock().context("Landlock"), filter_calls().context("seccomp")] {
        if let Err(error) = wall
            && !may_be_open
        {
            return Err(error);
        }
    }
    Ok(())
}

/// Closes files, network, signals and abstract sockets, as far as the system's Landlock supports them. Fails if it does not even
/// close files. The list of system calls closes the rest too.
fn land_lock() -> anyhow::Result<()> {
    let floor = ABI::V1;
    let (known, scoped) = (ABI::V5, ABI::V6);
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(floor))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(known))?
        .handle_access(AccessNet::from_all(known))?
        .scope(Scope::from_all(scoped))?
        .create()?
        .restrict_self()?;
    ensure!(status.ruleset != RulesetStatus::NotEnforced && status.no_new_privs, "it is not enforced");
    Ok(())
}

/// Refuses every system call that is not listed. A refused call fails as an unknown one does. A library that only tries it goes on,
/// and the document does not count as broken.
fn filter_calls() -> anyhow::Result<()> {
    let program: BpfProgram = filter(TargetArch::try_from(std::env::consts::ARCH)?)?.try_into()?;
    apply_filter(&program)?;
    Ok(())
}

fn filter(architecture: TargetArch) -> anyhow::Result<SeccompFilter> {
    let executable = u64::try_from(libc::PROT_EXEC)?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    for call in MEMORY_CALLS {
        let mask = SeccompCmpOp::MaskedEq(executable);
        let is_data = SeccompCondition::new(2, SeccompCmpArgLen::Dword, mask, 0)?;
        rules.insert(call, vec![SeccompRule::new(vec![is_data])?]);
    }
    let refused = SeccompAction::Errno(u32::try_from(libc::EPERM)?);
    Ok(SeccompFilter::new(rules, refused, SeccompAction::Allow, architecture)?)
}

/// The permissions that a sandboxed process still has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// The reason why it could not be sandboxed, or `None`.
    pub fault: Option<String>,
    /// The probes that succeeded and should not.
    pub open: Vec<String>,
}

/// Sandboxes this process and tries every probe, each of which is harmless. The server calls it at start to verify the sandbox.
pub fn probe(may_be_open: bool) -> Probed {
    // The parent's id cannot be read once the sandbox is closed.
    let parent = getppid();
    let fault = confine(may_be_open).err().map(|error| format!("{error:#}"));
    let open = DOORS.iter().filter(|(_, is_open)| is_open(parent)).map(|(name, _)| (*name).to_owned()).collect();
    Probed { fault, open }
}

type Door = (&'static str, fn(Option<Pid>) -> bool);

const DOORS: &[Door] = &[
    ("files", |_| File::open("/proc/self/exe").is_ok() || std::fs::read_dir("/").is_ok()),
    ("writing files", |_| File::options().write(true).open("/dev/null").is_ok()),
    ("TCP", |_| TcpListener::bind("127.0.0.1:0").is_ok()),
    ("UDP", |_| UdpSocket::bind("127.0.0.1:0").is_ok()),
    ("abstract sockets", |_| {
        let address = SocketAddr::from_abstract_name(format!("skranke-probe-{}", std::process::id()));
        address.is_ok_and(|address| UnixListener::bind_addr(&address).is_ok())
    }),
    ("netlink", |_| is_socket(AddressFamily::NETLINK, SocketType::RAW)),
    ("raw sockets", |_| is_socket(AddressFamily::INET, SocketType::RAW)),
    ("packets", |_| is_socket(AddressFamily::PACKET, SocketType::RAW)),
    // Signal 0 only asks whether a signal may be sent.
    ("signals", |parent| parent.is_some_and(|parent| test_kill_process(parent).is_ok())),
    ("threads", |_| thread::Builder::new().spawn(|| {}).is_ok()),
    ("programs", |_| Command::new("/bin/true").status().is_ok()),
];

fn is_socket(family: AddressFamily, kind: SocketType) -> bool {
    rustix::net::socket(family, kind, None).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system without Landlock is not mistaken for one that confines.
    #[test]
    fn without_landlock_nothing_is_confined() {
        let missing = || {
            let rules = BTreeMap::from([(libc::SYS_landlock_create_ruleset, Vec::new())]);
            let refused = SeccompAction::Errno(u32::try_from(libc::ENOSYS).unwrap());
            let here = TargetArch::try_from(std::env::consts::ARCH).unwrap();
            let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, here).unwrap();
            let program: BpfProgram = filter.try_into().unwrap();
            apply_filter(&program).unwrap();
            land_lock().is_err()
        };
        // A filter applies to the calling thread.
        assert!(thread::spawn(missing).join().unwrap());
    }

    /// Unlisted calls are refused on every architecture that has a list.
    #[test]
    fn the_list_has_nothing_that_leads_out() {
        for call in [
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_sendto,
            libc::SYS_kill,
            libc::SYS_tgkill,
            libc::SYS_pidfd_open,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_openat,
            libc::SYS_openat2,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_bpf,
            libc::SYS_memfd_create,
            libc::SYS_prlimit64,
            libc::SYS_prctl,
            libc::SYS_ioctl,
        ] {
            assert!(!CALLS.contains(&call) && !MEMORY_CALLS.contains(&call), "{call}");
        }
        for architecture in [TargetArch::x86_64, TargetArch::aarch64] {
            let program: BpfProgram = filter(architecture).unwrap().try_into().unwrap();
            assert!(program.len() > CALLS.len());
        }
    }
}
