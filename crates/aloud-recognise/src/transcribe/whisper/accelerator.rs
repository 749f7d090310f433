//! A backend for ggml that takes the products with a model's weights upon itself, and leaves
//! everything else to ggml's own: to whisper.cpp it looks like the accelerators that it knows
//! (BLAS and its like), which work in the processor's memory.
//!
//! The structures are those of `ggml-backend-impl.h`, API version 2, as the bundled whisper.cpp 1.8.3
//! has it. ggml refuses none by that number, so another whisper.cpp wants a look at that file; a test
//! fails until it was taken.

#![allow(unsafe_code, reason = "ggml calls a backend through pointers")]

use super::int8::{self, Room, Weights};
use crate::reason::Reason;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use whisper_rs::whisper_rs_sys as sys;

/// `GGML_BACKEND_API_VERSION`.
const API_VERSION: c_int = 2;
const NAME: &CStr = c"int8";
const DESCRIPTION: &CStr = c"products with weights in eight bits";
/// Matrices with shorter sides are left to ggml: models below `base` are quick, and have little to
/// lose.
const SHORTEST: i64 = 512;

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
    /// How many threads it may use.
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
    context: *mut c_void,
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

/// To be called before a model is loaded. Where `may_round`, the processor is quick at it and no
/// other accelerator or GPU (where one may be used) takes the same work, the backend is offered to
/// ggml for the rest of this process; but not where a model was loaded before, which would lose its
/// weights to it.
///
/// # Errors
/// After that no other model can be loaded: rounded weights are known by their place in memory, and
/// the places of one that is gone are given to the next one.
pub(super) fn claim(may_round: bool, may_use_gpu: bool) -> Result<(), Reason> {
    /// Whether a model was loaded, and whether with rounded weights.
    static LOADED: Mutex<(bool, bool)> = Mutex::new((false, false));
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let (is_second, is_rounded) = *loaded;
    loaded.0 = true;
    if is_rounded {
        return Err("this process has another model with rounded weights".into());
    }
    let is_taken = has_device(&[sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_ACCEL])
        || may_use_gpu
            && has_device(&[
                sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_GPU,
                sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_IGPU,
            ]);
    if may_round && !is_second && !is_taken && int8::is_quick() {
        loaded.1 = true;
        // SAFETY: the register is whole, and stays.
        unsafe { sys::ggml_backend_register(new_register()) };
    }
    Ok(())
}

/// Whether ggml has a device of one of these kinds.
fn has_device(kinds: &[sys::ggml_backend_dev_type]) -> bool {
    // SAFETY: ggml is asked for devices that it says it has.
    (0..unsafe { sys::ggml_backend_dev_count() }).any(|i| {
        kinds.contains(&unsafe { sys::ggml_backend_dev_type(sys::ggml_backend_dev_get(i)) })
    })
}

/// What ggml is given, for the rest of the process: it has no way to give a backend back.
fn new_register() -> RegisterHandle {
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
    register_device(register);
    register
}

fn register_device(register: RegisterHandle) {
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
        context: null_mut(),
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

/// Products of weights in half precision with what the layer before gave, and what only looks at
/// memory in another way.
extern "C" fn is_for_us(_: DeviceHandle, op: *const Tensor) -> bool {
    // SAFETY: ggml asks about an operation that is there, with what it works on.
    unsafe {
        match (*op).op {
            sys::ggml_op_GGML_OP_MUL_MAT if is_product(op) => true,
            other => {
                remember_others(op);
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

/// Remembers which weights are used for something else than our products.
///
/// # Safety
/// `op` must be one that ggml made.
unsafe fn remember_others(op: *const Tensor) {
    // SAFETY: what it works on is there as long as it is.
    let sources = unsafe { (*op).src }.into_iter().filter(|source| !source.is_null());
    // SAFETY: as above.
    for source in sources.filter(|&source| unsafe { is_weights(source) }) {
        // SAFETY: as above.
        let place = unsafe { (*source).data } as usize;
        // Asked about at every token.
        if known().read().unwrap_or_else(PoisonError::into_inner).used_otherwise.contains(&place) {
            continue;
        }
        known().write().unwrap_or_else(PoisonError::into_inner).used_otherwise.insert(place);
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

/// # Safety
/// `op` must be a product that ggml made.
unsafe fn is_product(op: *const Tensor) -> bool {
    // SAFETY: a product has two sides.
    unsafe {
        let [weights, input] = [(*op).src[0], (*op).src[1]];
        let is_plain = |tensor: *const Tensor| {
            sys::ggml_is_contiguous(tensor) && (*tensor).ne[2] == 1 && (*tensor).ne[3] == 1
        };
        (*weights).op == sys::ggml_op_GGML_OP_NONE
            && (*weights).type_ == sys::ggml_type_GGML_TYPE_F16
            && (*input).type_ == sys::ggml_type_GGML_TYPE_F32
            && (*op).type_ == sys::ggml_type_GGML_TYPE_F32
            && is_weights(weights)
            && is_plain(weights)
            && is_plain(input)
            && is_plain(op)
            && (*weights).ne[0].min((*weights).ne[1]) >= SHORTEST
    }
}

extern "C" fn new_backend(device: DeviceHandle, _: *const c_char) -> BackendHandle {
    static GUID: sys::ggml_guid = *b"aloud, int8 \x02\x15\x7c\xe9";
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
        context: Box::into_raw(Box::new(Own { n_threads: 1, room: Room::default() })).cast(),
    });
    Box::into_raw(backend).cast()
}

/// What a backend has for itself.
struct Own {
    n_threads: usize,
    room: Room,
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
                multiply(node, own);
            }
        }
    }
    sys::ggml_status_GGML_STATUS_SUCCESS
}

/// # Safety
/// `op` must be a product that `is_product` took, with its memory.
unsafe fn multiply(op: *mut Tensor, own: &mut Own) {
    let length = |n: i64| usize::try_from(n).unwrap_or(0);
    // SAFETY: contiguous and of 32 bits, so there are so many numbers behind either pointer; ggml
    // gives what comes out a place apart from what goes in.
    let (weights, input, output) = unsafe {
        let [weights, input] = [(*op).src[0], (*op).src[1]];
        let n_rows = length((*input).ne[1]);
        let n_in = n_rows * length((*input).ne[0]);
        let n_out = n_rows * length((*op).ne[0]);
        (
            rounded(weights),
            std::slice::from_raw_parts((*input).data.cast::<f32>(), n_in),
            std::slice::from_raw_parts_mut((*op).data.cast::<f32>(), n_out),
        )
    };
    let room = &mut own.room;
    with_threads(own.n_threads, || weights.multiply(input, output, room));
}

/// Works with so many threads, of which this is one: it seldom changes, so they are kept.
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

/// What is known of the model's weights, by their place in memory.
#[derive(Default)]
struct Known {
    rounded: HashMap<usize, Arc<OnceLock<Weights>>>,
    /// Those that are used for something else than our products, too.
    used_otherwise: HashSet<usize>,
}

fn known() -> &'static RwLock<Known> {
    static KNOWN: OnceLock<RwLock<Known>> = OnceLock::new();
    KNOWN.get_or_init(RwLock::default)
}

/// The rounded form of `weights`, made when it is first asked for.
///
/// # Safety
/// They must be contiguous, of half precision, and stay as they are.
unsafe fn rounded(weights: *const Tensor) -> RoundedWeights {
    // SAFETY: as said above.
    let (place, sides) =
        unsafe { ((*weights).data as usize, [(*weights).ne[0], (*weights).ne[1]]) };
    let find = |known: &Known| known.rounded.get(&place).cloned();
    let found = find(&known().read().unwrap_or_else(PoisonError::into_inner));
    let entry = found.unwrap_or_else(|| {
        let mut known = known().write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.rounded.entry(place).or_default())
    });
    entry.get_or_init(|| {
        let [n_columns, n_rows] = sides.map(|n| usize::try_from(n).unwrap_or(0));
        let rounded = Weights::new(n_rows, n_columns, |i, row| {
            // SAFETY: row `i` of the weights has so many numbers.
            unsafe {
                let halves = (place as *const sys::ggml_fp16_t).add(i * n_columns);
                sys::ggml_fp16_to_fp32_row(halves, row.as_mut_ptr(), sides[0]);
            }
        });
        let known = known().read().unwrap_or_else(PoisonError::into_inner);
        if !known.used_otherwise.contains(&place) {
            // SAFETY: every state asks about its whole graphs when it is made, so whoever else
            // reads these weights would be known by now.
            unsafe { let_go(place, n_rows * n_columns * size_of::<sys::ggml_fp16_t>()) };
        }
        rounded
    });
    RoundedWeights(entry)
}

/// Gives the memory of so many bytes back to the system, as far as they fill pages of their own: it
/// is nearly as much as a model is large.
///
/// # Safety
/// Nobody may read them again. The place stays whoever's it was.
#[cfg(target_os = "linux")]
unsafe fn let_go(place: usize, len: usize) {
    let page = rustix::param::page_size();
    let (start, end) = (place.next_multiple_of(page), (place + len) / page * page);
    if start < end {
        // SAFETY: whole pages within what is given up. That it fails changes nothing.
        let _ = unsafe {
            rustix::mm::madvise(
                start as *mut c_void,
                end - start,
                rustix::mm::Advice::LinuxDontNeed,
            )
        };
    }
}

#[cfg(not(target_os = "linux"))]
unsafe fn let_go(_: usize, _: usize) {}

/// Weights that are there.
struct RoundedWeights(Arc<OnceLock<Weights>>);

impl std::ops::Deref for RoundedWeights {
    type Target = Weights;

    fn deref(&self) -> &Weights {
        self.0.get().expect("made before it was handed out")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The structures above were read from this version's headers.
    #[test]
    fn the_structures_are_of_this_version() {
        assert_eq!(whisper_rs::WHISPER_CPP_VERSION, "1.8.3");
    }

    /// Weights of so many rows and columns times so many rows, as ggml multiplies them and as they
    /// are multiplied here.
    fn products(n_rows: i64, n_columns: i64, n_inputs: i64, n_threads: usize) -> [Vec<f32>; 2] {
        let mut seed = 11_u32;
        let mut number = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let size = |n: i64| usize::try_from(n).unwrap();
        // SAFETY: ggml's own way to multiply two matrices, in memory that stays.
        unsafe {
            let room = sys::ggml_init_params {
                mem_size: 64 << 20,
                mem_buffer: null_mut(),
                no_alloc: false,
            };
            let context = sys::ggml_init(room);
            let weights =
                sys::ggml_new_tensor_2d(context, sys::ggml_type_GGML_TYPE_F16, n_columns, n_rows);
            let input =
                sys::ggml_new_tensor_2d(context, sys::ggml_type_GGML_TYPE_F32, n_columns, n_inputs);
            let numbers: Vec<f32> = (0..n_rows * n_columns).map(|_| number()).collect();
            sys::ggml_fp32_to_fp16_row(
                numbers.as_ptr(),
                (*weights).data.cast(),
                n_rows * n_columns,
            );
            let numbers: Vec<f32> = (0..n_inputs * n_columns).map(|_| number()).collect();
            (*input).data.cast::<f32>().copy_from_nonoverlapping(numbers.as_ptr(), numbers.len());
            let product = sys::ggml_mul_mat(context, weights, input);
            let graph = sys::ggml_new_graph(context);
            sys::ggml_build_forward_expand(graph, product);
            sys::ggml_graph_compute_with_ctx(context, graph, 1);
            let output =
                std::slice::from_raw_parts((*product).data.cast::<f32>(), size(n_rows * n_inputs));
            let theirs = output.to_vec();
            let backend = new_backend(null_mut(), null());
            set_n_threads(backend, c_int::try_from(n_threads).unwrap());
            assert_eq!(compute(backend, graph), sys::ggml_status_GGML_STATUS_SUCCESS);
            free_backend(backend);
            [theirs, output.to_vec()]
        }
    }

    #[test]
    fn products_are_ggmls() {
        if !int8::tests::is_quick_here() {
            return;
        }
        for (n_rows, n_columns, n_inputs) in [(512, 512, 1), (1033, 512, 5), (512, 2048, 70)] {
            let [theirs, ours] = products(n_rows, n_columns, n_inputs, 1);
            let spread =
                |of: &[f32]| (of.iter().map(|x| x * x).sum::<f32>() / of.len() as f32).sqrt();
            let off: Vec<f32> = theirs.iter().zip(&ours).map(|(a, b)| a - b).collect();
            assert!(spread(&off) < 0.01 * spread(&theirs), "{n_rows} × {n_columns} × {n_inputs}");
            // Whatever the threads, to the bit. The pool of a thread stays as it was first made.
            let on_three = std::thread::spawn(move || products(n_rows, n_columns, n_inputs, 3));
            assert!(on_three.join().unwrap()[1] == ours, "{n_rows} × {n_columns} × {n_inputs}");
        }
    }

    /// What whisper.cpp does with the words' own weights: rows of them, times all of them. They are
    /// needed as they were after they were rounded; and the next weights, used for products alone,
    /// are let go.
    #[test]
    fn weights_that_are_used_otherwise_stay() {
        const COLUMNS: i64 = 512;
        const ROWS: i64 = 1032;
        if !int8::tests::is_quick_here() {
            return;
        }
        // SAFETY: ggml's own way to compute a graph by several backends, in memory that stays.
        unsafe {
            let room = || sys::ggml_init_params {
                mem_size: 1 << 20,
                mem_buffer: null_mut(),
                no_alloc: true,
            };
            let of_weights = sys::ggml_init(room());
            let tensor =
                |kind, columns, rows| sys::ggml_new_tensor_2d(of_weights, kind, columns, rows);
            let words = tensor(sys::ggml_type_GGML_TYPE_F16, COLUMNS, ROWS);
            let others = tensor(sys::ggml_type_GGML_TYPE_F16, COLUMNS, COLUMNS);
            let which = tensor(sys::ggml_type_GGML_TYPE_I32, 3, 1);
            let buffer = sys::ggml_backend_alloc_ctx_tensors_from_buft(
                of_weights,
                sys::ggml_backend_cpu_buffer_type(),
            );
            sys::ggml_backend_buffer_set_usage(
                buffer,
                sys::ggml_backend_buffer_usage_GGML_BACKEND_BUFFER_USAGE_WEIGHTS,
            );
            for weights in [words, others] {
                let numbers: Vec<f32> = (0..(*weights).ne[0] * (*weights).ne[1])
                    .map(|i| (i * 7919 % 401) as f32 / 200.0 - 1.0)
                    .collect();
                sys::ggml_fp32_to_fp16_row(
                    numbers.as_ptr(),
                    (*weights).data.cast(),
                    (*weights).ne[0] * (*weights).ne[1],
                );
            }
            (*which).data.cast::<[i32; 3]>().write([1, 1031, 700]);

            let graph_of = |context| {
                let rows = sys::ggml_get_rows(context, words, which);
                let rows = sys::ggml_mul_mat(context, others, rows);
                let product = sys::ggml_mul_mat(context, words, rows);
                sys::ggml_set_output(product);
                let graph = sys::ggml_new_graph(context);
                sys::ggml_build_forward_expand(graph, product);
                (graph, product)
            };
            let compute = |backends: &mut [BackendHandle]| {
                let (graph, product) = graph_of(sys::ggml_init(room()));
                let n_backends = c_int::try_from(backends.len()).unwrap();
                let scheduler = sys::ggml_backend_sched_new(
                    backends.as_mut_ptr(),
                    null_mut(),
                    n_backends,
                    2048,
                    false,
                    true,
                );
                assert!(sys::ggml_backend_sched_alloc_graph(scheduler, graph));
                assert_eq!(
                    sys::ggml_backend_sched_graph_compute(scheduler, graph),
                    sys::ggml_status_GGML_STATUS_SUCCESS
                );
                std::slice::from_raw_parts((*product).data.cast::<f32>(), 3 * ROWS as usize)
                    .to_vec()
            };
            let cpu = sys::ggml_backend_init_by_type(
                sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_CPU,
                null(),
            );
            let ours = new_backend(device(new_register(), 0), null());
            let theirs = compute(&mut [cpu]);
            let [first, second] = [(); 2].map(|()| compute(&mut [ours, cpu]));
            let spread = |of: &[f32]| of.iter().map(|x| x * x).sum::<f32>().sqrt();
            let off: Vec<f32> = theirs.iter().zip(&first).map(|(a, b)| a - b).collect();
            assert!(
                first != theirs && spread(&off) < 0.05 * spread(&theirs),
                "{} {}",
                spread(&off),
                spread(&theirs)
            );
            assert!(first == second, "the words' weights are gone");
            let is_gone = |weights: *const Tensor| {
                let halves = std::slice::from_raw_parts((*weights).data.cast::<u16>(), 512 * 512);
                halves.iter().filter(|&&half| half == 0).count() * 10 > halves.len() * 9
            };
            assert!(!is_gone(words) && is_gone(others) == cfg!(target_os = "linux"));
        }
    }
}
