//! A backend for ggml that takes an encoder's attention and the products with a model's weights upon
//! itself, and leaves everything else to ggml's own: to whisper.cpp it looks like the accelerators
//! that it knows (BLAS and its like), which work in the processor's memory.
//!
//! The structures are those of `ggml-backend-impl.h`, API version 2, as the bundled whisper.cpp 1.8.3
//! has it. ggml refuses none by that number, so another whisper.cpp wants a look at that file; a test
//! fails until it was taken.

#![allow(unsafe_code, reason = "ggml calls a backend through pointers")]

mod encoder;
#[cfg(test)]
mod tests;
mod weights;
mod window;

use super::attention::{self, Attention};
use super::int8::{self, Room};
use crate::reason::Reason;
use std::cell::OnceCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex, PoisonError};
use whisper_rs::whisper_rs_sys as sys;

/// `GGML_BACKEND_API_VERSION`.
const API_VERSION: c_int = 2;
const NAME: &CStr = c"aloud";
const DESCRIPTION: &CStr = c"attention, and products with weights in eight bits";

type Tensor = sys::ggml_tensor;
type DeviceHandle = sys::ggml_backend_dev_t;
type BackendHandle = sys::ggml_backend_t;
type RegisterHandle = sys::ggml_backend_reg_t;
type BufferType = sys::ggml_backend_buffer_type_t;
/// A function that is optional, and that this backend has not.
type Absent = *const c_void;

#[repr(C)]
struct BackendFunctions {
    get_name: extern "C" fn(BackendHandle) -> *const c_char,
    free: extern "C" fn(BackendHandle),
    set_tensor_async: Absent,
    get_tensor_async: Absent,
    cpy_tensor_async: Absent,
    synchronize: Absent,
    graph_plan_create: Absent,
    graph_plan_free: Absent,
    graph_plan_update: Absent,
    graph_plan_compute: Absent,
    graph_compute: extern "C" fn(BackendHandle, *mut sys::ggml_cgraph) -> sys::ggml_status,
    event_record: Absent,
    event_wait: Absent,
    graph_optimize: Absent,
}

/// `ggml_backend`.
#[repr(C)]
struct Backend {
    guid: sys::ggml_guid_t,
    functions: BackendFunctions,
    device: DeviceHandle,
    /// Its [`Own`].
    context: *mut c_void,
}

#[repr(C)]
struct DeviceFunctions {
    get_name: extern "C" fn(DeviceHandle) -> *const c_char,
    get_description: extern "C" fn(DeviceHandle) -> *const c_char,
    get_memory: extern "C" fn(DeviceHandle, *mut usize, *mut usize),
    get_type: extern "C" fn(DeviceHandle) -> sys::ggml_backend_dev_type,
    get_props: extern "C" fn(DeviceHandle, *mut sys::ggml_backend_dev_props),
    init_backend: extern "C" fn(DeviceHandle, *const c_char) -> BackendHandle,
    get_buffer_type: extern "C" fn(DeviceHandle) -> BufferType,
    get_host_buffer_type: Absent,
    buffer_from_host_ptr: Absent,
    supports_op: extern "C" fn(DeviceHandle, *const Tensor) -> bool,
    supports_buft: extern "C" fn(DeviceHandle, BufferType) -> bool,
    offload_op: Absent,
    event_new: Absent,
    event_free: Absent,
    event_synchronize: Absent,
}

/// `ggml_backend_device`.
#[repr(C)]
struct Device {
    functions: DeviceFunctions,
    register: RegisterHandle,
    /// Whether it takes products with weights, in place of the context that is its own.
    rounds: bool,
}

#[repr(C)]
struct RegisterFunctions {
    get_name: extern "C" fn(RegisterHandle) -> *const c_char,
    get_device_count: extern "C" fn(RegisterHandle) -> usize,
    get_device: extern "C" fn(RegisterHandle, usize) -> DeviceHandle,
    get_proc_address: extern "C" fn(RegisterHandle, *const c_char) -> *mut c_void,
}

/// `ggml_backend_reg`.
#[repr(C)]
struct Register {
    api_version: c_int,
    functions: RegisterFunctions,
    context: *mut c_void,
}

/// To be called before a model is loaded. Where the processor is quick at it, and no other accelerator
/// or GPU (where one may be used) takes the same work, the backend is offered to ggml for the rest of
/// this process. It rounds weights where `may_round` and the processor is quick at that; but not where
/// a model was loaded before, which would lose its weights to it.
///
/// # Errors
/// After that no other model can be loaded: rounded weights are known by their place in memory, and
/// the places of one that is gone are given to the next one.
pub(super) fn claim(may_round: bool, may_use_gpu: bool) -> Result<(), Reason> {
    /// Models loaded so far: none, some as they are, or one with rounded weights.
    static LOADED: Mutex<Loaded> = Mutex::new(Loaded::None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if *loaded == Loaded::Rounded {
        return Err("this process has another model with rounded weights".into());
    }
    let is_first = *loaded == Loaded::None;
    *loaded = Loaded::AsTheyAre;
    let is_taken = has_device(&[sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_ACCEL])
        || may_use_gpu
            && has_device(&[
                sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_GPU,
                sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_IGPU,
            ]);
    let rounds = may_round && int8::is_quick();
    if is_first && !is_taken && (rounds || attention::is_quick()) {
        if rounds {
            *loaded = Loaded::Rounded;
        }
        // SAFETY: the register is whole, and stays.
        unsafe { sys::ggml_backend_register(new_register(rounds)) };
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Loaded {
    None,
    AsTheyAre,
    Rounded,
}

/// Whether ggml has a device of one of these kinds.
fn has_device(kinds: &[sys::ggml_backend_dev_type]) -> bool {
    // SAFETY: ggml is asked for devices that it says it has.
    (0..unsafe { sys::ggml_backend_dev_count() }).any(|i| {
        kinds.contains(&unsafe { sys::ggml_backend_dev_type(sys::ggml_backend_dev_get(i)) })
    })
}

/// What ggml is given, for the rest of the process: it has no way to give a backend back.
fn new_register(rounds: bool) -> RegisterHandle {
    let register = Box::leak(Box::new(Register {
        api_version: API_VERSION,
        functions: RegisterFunctions {
            get_name: register_name,
            get_device_count: device_count,
            get_device: device,
            get_proc_address: proc_address,
        },
        context: null_mut(),
    }));
    let register: RegisterHandle = (&raw mut *register).cast();
    register_device(register, rounds);
    register
}

fn register_device(register: RegisterHandle, rounds: bool) {
    let device = Box::leak(Box::new(Device {
        functions: DeviceFunctions {
            get_name: device_name,
            get_description: device_description,
            get_memory: device_memory,
            get_type: device_type,
            get_props: device_props,
            init_backend: new_backend,
            get_buffer_type: buffer_type,
            get_host_buffer_type: null(),
            buffer_from_host_ptr: null(),
            supports_op: is_for_us,
            supports_buft: is_in_memory,
            offload_op: null(),
            event_new: null(),
            event_free: null(),
            event_synchronize: null(),
        },
        register,
        rounds,
    }));
    // SAFETY: `register` was made by `new_register` a moment ago.
    unsafe { (*register.cast::<Register>()).context = (&raw mut *device).cast() };
}

extern "C" fn register_name(_: RegisterHandle) -> *const c_char {
    NAME.as_ptr()
}

extern "C" fn device_count(_: RegisterHandle) -> usize {
    1
}

extern "C" fn device(register: RegisterHandle, _: usize) -> DeviceHandle {
    // SAFETY: ggml hands back what `claim` gave it.
    unsafe { (*register.cast::<Register>()).context.cast() }
}

extern "C" fn proc_address(_: RegisterHandle, name: *const c_char) -> *mut c_void {
    // SAFETY: ggml asks with C strings.
    if unsafe { CStr::from_ptr(name) } == c"ggml_backend_set_n_threads" {
        set_n_threads as extern "C" fn(BackendHandle, c_int) as *mut c_void
    } else {
        null_mut()
    }
}

extern "C" fn device_name(_: DeviceHandle) -> *const c_char {
    NAME.as_ptr()
}

extern "C" fn device_description(_: DeviceHandle) -> *const c_char {
    DESCRIPTION.as_ptr()
}

extern "C" fn device_memory(_: DeviceHandle, free: *mut usize, total: *mut usize) {
    // SAFETY: ggml hands two places for numbers; nought says that nothing is told.
    unsafe {
        *free = 0;
        *total = 0;
    }
}

extern "C" fn device_type(_: DeviceHandle) -> sys::ggml_backend_dev_type {
    sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_ACCEL
}

extern "C" fn device_props(_: DeviceHandle, props: *mut sys::ggml_backend_dev_props) {
    let known = sys::ggml_backend_dev_props {
        name: NAME.as_ptr(),
        description: DESCRIPTION.as_ptr(),
        memory_free: 0,
        memory_total: 0,
        type_: sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_ACCEL,
        device_id: null(),
        caps: sys::ggml_backend_dev_caps {
            async_: false,
            host_buffer: false,
            buffer_from_host_ptr: false,
            events: false,
        },
    };
    // SAFETY: ggml hands a place for them.
    unsafe { props.write(known) };
}

extern "C" fn buffer_type(_: DeviceHandle) -> BufferType {
    // SAFETY: it takes nothing and gives what stays.
    unsafe { sys::ggml_backend_cpu_buffer_type() }
}

extern "C" fn is_in_memory(_: DeviceHandle, buffer_type: BufferType) -> bool {
    // SAFETY: ggml asks about a type that is there.
    unsafe { sys::ggml_backend_buft_is_host(buffer_type) }
}

/// An encoder's attention, products of weights in half precision with what the layer before gave, and
/// what only looks at memory in another way. ggml asks about all that it is going to compute, so here
/// is also seen whose memory is needed next.
extern "C" fn is_for_us(device: DeviceHandle, op: *const Tensor) -> bool {
    // SAFETY: ggml asks a device that `register_device` made about an operation that is there, with
    // what it works on.
    unsafe {
        match (*op).op {
            sys::ggml_op_GGML_OP_MUL_MAT
                if encoder::is_scores(op)
                    || encoder::is_softmax((*op).src[1])
                    || (*device.cast::<Device>()).rounds && weights::is_product(op) =>
            {
                true
            }
            sys::ggml_op_GGML_OP_SOFT_MAX if encoder::is_softmax(op) => true,
            other => {
                weights::remember_others(op);
                match other {
                    // A decoder looks its words up, and nothing else does.
                    sys::ggml_op_GGML_OP_GET_ROWS => window::begin_decoding(),
                    sys::ggml_op_GGML_OP_VIEW => window::thin_out(op),
                    _ => {}
                }
                matches!(
                    other,
                    sys::ggml_op_GGML_OP_NONE
                        | sys::ggml_op_GGML_OP_RESHAPE
                        | sys::ggml_op_GGML_OP_VIEW
                        | sys::ggml_op_GGML_OP_PERMUTE
                        | sys::ggml_op_GGML_OP_TRANSPOSE
                )
            }
        }
    }
}

/// # Safety
/// `tensor` must be one that ggml made.
unsafe fn is_weights(tensor: *const Tensor) -> bool {
    // SAFETY: a tensor's buffer is there as long as it is.
    unsafe {
        let buffer = (*tensor).buffer;
        !buffer.is_null()
            && sys::ggml_backend_buffer_get_usage(buffer)
                == sys::ggml_backend_buffer_usage_GGML_BACKEND_BUFFER_USAGE_WEIGHTS
    }
}

extern "C" fn new_backend(device: DeviceHandle, _: *const c_char) -> BackendHandle {
    static GUID: sys::ggml_guid = *b"aloud, 2026 \x02\x15\x7c\xe9";
    let backend = Box::new(Backend {
        guid: (&raw const GUID).cast_mut(),
        functions: BackendFunctions {
            get_name: backend_name,
            free: free_backend,
            set_tensor_async: null(),
            get_tensor_async: null(),
            cpy_tensor_async: null(),
            synchronize: null(),
            graph_plan_create: null(),
            graph_plan_free: null(),
            graph_plan_update: null(),
            graph_plan_compute: null(),
            graph_compute: compute,
            event_record: null(),
            event_wait: null(),
            graph_optimize: null(),
        },
        device,
        context: Box::into_raw(Box::new(Own {
            n_threads: 1,
            room: Room::default(),
            attention: Attention::default(),
            is_there: Arc::default(),
        }))
        .cast(),
    });
    Box::into_raw(backend).cast()
}

/// What a backend has for itself.
struct Own {
    n_threads: usize,
    room: Room,
    attention: Attention,
    /// For those that must know whether its state is there yet.
    is_there: Arc<()>,
}

extern "C" fn backend_name(_: BackendHandle) -> *const c_char {
    NAME.as_ptr()
}

extern "C" fn free_backend(backend: BackendHandle) {
    // SAFETY: both were boxed by `new_backend`, and ggml frees a backend once.
    unsafe {
        let backend = Box::from_raw(backend.cast::<Backend>());
        drop(Box::from_raw(backend.context.cast::<Own>()));
    }
}

extern "C" fn set_n_threads(backend: BackendHandle, n_threads: c_int) {
    // SAFETY: made by `new_backend`; ggml uses a backend from one thread at a time.
    unsafe {
        let own = (*backend.cast::<Backend>()).context.cast::<Own>();
        (*own).n_threads = usize::try_from(n_threads).unwrap_or(1).max(1);
    }
}

extern "C" fn compute(backend: BackendHandle, graph: *mut sys::ggml_cgraph) -> sys::ggml_status {
    // SAFETY: made by `new_backend`, used from one thread at a time; the graph is whole.
    let (own, nodes) = unsafe {
        let own = &mut *(*backend.cast::<Backend>()).context.cast::<Own>();
        let nodes = (0..sys::ggml_graph_n_nodes(graph)).map(|i| sys::ggml_graph_node(graph, i));
        (own, nodes)
    };
    for node in nodes {
        // SAFETY: ggml gives only what `is_for_us` took, with memory for all of it.
        unsafe {
            if (*node).op == sys::ggml_op_GGML_OP_MUL_MAT {
                if encoder::is_scores(node) {
                    encoder::ask(node, own);
                } else if encoder::is_softmax((*node).src[1]) {
                    encoder::answer(node, own);
                } else {
                    weights::multiply(node, own);
                }
            }
        }
    }
    sys::ggml_status_GGML_STATUS_SUCCESS
}

/// Works with so many threads, of which this is one. A thread stays in the first pool that it was made
/// part of (rayon), so the first number that it asks for stays.
fn with_threads(n_threads: usize, work: impl FnOnce() + Send) {
    thread_local!(static THREADS: OnceCell<Option<rayon::ThreadPool>> = const { OnceCell::new() });
    THREADS.with(|threads| {
        let make = || {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
            threads.use_current_thread().build().ok()
        };
        match threads.get_or_init(make) {
            Some(threads) => threads.install(work),
            None => work(),
        }
    });
}

/// A length of ggml's.
fn length(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}
