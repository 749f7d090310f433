//! The backend against ggml's own, through ggml's scheduler.

use super::super::attention::tests::is_quick_here;
use super::weights::MOST_BEAMS;
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
        let room =
            sys::ggml_init_params { mem_size: 64 << 20, mem_buffer: null_mut(), no_alloc: false };
        let context = sys::ggml_init(room);
        let weights =
            sys::ggml_new_tensor_2d(context, sys::ggml_type_GGML_TYPE_F16, n_columns, n_rows);
        let input =
            sys::ggml_new_tensor_2d(context, sys::ggml_type_GGML_TYPE_F32, n_columns, n_inputs);
        let numbers: Vec<f32> = (0..n_rows * n_columns).map(|_| number()).collect();
        sys::ggml_fp32_to_fp16_row(numbers.as_ptr(), (*weights).data.cast(), n_rows * n_columns);
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
        let spread = |of: &[f32]| (of.iter().map(|x| x * x).sum::<f32>() / of.len() as f32).sqrt();
        let off: Vec<f32> = theirs.iter().zip(&ours).map(|(a, b)| a - b).collect();
        assert!(spread(&off) < 0.01 * spread(&theirs), "{n_rows} × {n_columns} × {n_inputs}");
        // Whatever the threads, to the bit. The pool of a thread stays as it was first made.
        let on_three = std::thread::spawn(move || products(n_rows, n_columns, n_inputs, 3));
        assert!(on_three.join().unwrap()[1] == ours, "{n_rows} × {n_columns} × {n_inputs}");
    }
}

/// ggml's own processor backend, and this one.
fn both(rounds: bool) -> (BackendHandle, BackendHandle) {
    let kind = sys::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_CPU;
    // SAFETY: backends of a test alone.
    let cpu = unsafe { sys::ggml_backend_init_by_type(kind, null()) };
    (cpu, new_backend(device(new_register(rounds), 0), null()))
}

/// A place for tensors without their numbers.
fn context() -> *mut sys::ggml_context {
    let room = sys::ggml_init_params { mem_size: 1 << 20, mem_buffer: null_mut(), no_alloc: true };
    // SAFETY: it allocates what it needs, and stays.
    unsafe { sys::ggml_init(room) }
}

/// Computes what leads to `result` by these backends, from inputs with these numbers.
///
/// # Safety
/// `result` and the inputs must be of `context`.
unsafe fn compute_by(
    backends: &mut [BackendHandle],
    context: *mut sys::ggml_context,
    result: *mut Tensor,
    inputs: &[(*mut Tensor, Vec<u8>)],
) {
    // SAFETY: as said above; each input's numbers are as many as it has.
    unsafe {
        sys::ggml_set_output(result);
        let graph = sys::ggml_new_graph(context);
        sys::ggml_build_forward_expand(graph, result);
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
        for (input, numbers) in inputs {
            assert_eq!(numbers.len(), sys::ggml_nbytes(*input));
            sys::ggml_backend_tensor_set(*input, numbers.as_ptr().cast(), 0, numbers.len());
        }
        let done = sys::ggml_backend_sched_graph_compute(scheduler, graph);
        assert_eq!(done, sys::ggml_status_GGML_STATUS_SUCCESS);
    }
}

/// # Safety
/// It must have been computed, and be numbers of 32 bits side by side.
unsafe fn numbers_of(tensor: *const Tensor) -> Vec<f32> {
    // SAFETY: as said above.
    unsafe {
        let n = usize::try_from(sys::ggml_nelements(tensor)).unwrap();
        std::slice::from_raw_parts((*tensor).data.cast::<f32>(), n).to_vec()
    }
}

/// An encoder's attention, as whisper.cpp lays it out, of so many positions.
fn attention(n_positions: i64, backends: &mut [BackendHandle]) -> *mut Tensor {
    const HEADS: i64 = 8;
    const COLUMNS: i64 = 64;
    // SAFETY: ggml's own way to compute, in memory that stays.
    unsafe {
        let context = context();
        let new = |kind: usize| {
            let float = sys::ggml_type_GGML_TYPE_F32;
            let tensor = sys::ggml_new_tensor_2d(context, float, HEADS * COLUMNS, n_positions);
            sys::ggml_set_input(tensor);
            let n = usize::try_from(HEADS * COLUMNS * n_positions).unwrap();
            let numbers = (0..n).map(|i| (i * (7919 + kind) % 401) as f32 / 100.0 - 2.0);
            (tensor, numbers.flat_map(f32::to_ne_bytes).collect())
        };
        let inputs = [new(0), new(1), new(2)];
        let by_head = |tensor| sys::ggml_reshape_3d(context, tensor, COLUMNS, HEADS, n_positions);
        let [q, k, v] = inputs.each_ref().map(|(input, _): &(_, _)| by_head(*input));
        let half = sys::ggml_type_GGML_TYPE_F16;
        let q = sys::ggml_permute(context, q, 0, 2, 1, 3);
        let k = sys::ggml_permute(context, sys::ggml_cast(context, k, half), 0, 2, 1, 3);
        let scores = sys::ggml_mul_mat(context, k, q);
        let weights = sys::ggml_soft_max_ext(context, scores, null_mut(), 0.125, 0.0);
        let v = sys::ggml_cast(context, sys::ggml_permute(context, v, 1, 2, 0, 3), half);
        let heard = sys::ggml_mul_mat(context, v, weights);
        let heard = sys::ggml_permute(context, heard, 0, 2, 1, 3);
        let heard = sys::ggml_cont_2d(context, heard, HEADS * COLUMNS, n_positions);
        compute_by(backends, context, heard, &inputs);
        heard
    }
}

#[test]
fn attention_is_ggmls() {
    if !is_quick_here() {
        return;
    }
    let (cpu, ours) = both(false);
    for n_positions in [5, 64, 301] {
        let heard = |backends: &mut [BackendHandle]| {
            // SAFETY: computed a moment ago.
            unsafe { numbers_of(attention(n_positions, backends)) }
        };
        let (theirs, found) = (heard(&mut [cpu]), heard(&mut [ours, cpu]));
        // Theirs goes by half precision.
        let off = theirs.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(found != theirs && off < 0.005, "{n_positions} positions: off by {off}");
    }
}

/// What an encoder computed is there until a decoder begins, which alone looks words up; from then
/// on what is kept of the decoder is thinned out where it is begun to be written.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_given_back() {
    const KEPT: i64 = 1 << 20;
    const BEGUN: i64 = 512;
    if !is_quick_here() {
        return;
    }
    let (cpu, ours) = both(false);
    // SAFETY: ggml's own way to compute, in memory that stays.
    unsafe {
        let heard = attention(301, &mut [ours, cpu]);
        let found = numbers_of(heard);
        let of_state = context();
        let float = sys::ggml_type_GGML_TYPE_F32;
        let kept = sys::ggml_new_tensor_1d(of_state, float, KEPT);
        let buffer_type = sys::ggml_backend_cpu_buffer_type();
        let buffer = sys::ggml_backend_alloc_ctx_tensors_from_buft(of_state, buffer_type);
        sys::ggml_backend_buffer_clear(buffer, 0);
        let in_memory = || {
            let len = sys::ggml_nbytes(kept);
            super::super::memory::tests::in_memory(std::slice::from_raw_parts(
                (*kept).data.cast(),
                len,
            ))
        };
        let all = in_memory();
        // Writes to the beginning of what is kept, with or without words looked up.
        let write = |looks_up: bool| {
            let context = context();
            let words = sys::ggml_new_tensor_2d(context, float, BEGUN, 3);
            let which = sys::ggml_new_tensor_1d(context, sys::ggml_type_GGML_TYPE_I32, 1);
            sys::ggml_set_input(words);
            sys::ggml_set_input(which);
            let from = if looks_up {
                sys::ggml_get_rows(context, words, which)
            } else {
                sys::ggml_view_1d(context, words, BEGUN, 0)
            };
            let view = sys::ggml_view_1d(context, kept, BEGUN, 0);
            let result = sys::ggml_cpy(context, from, view);
            let numbers = (0..3 * BEGUN).flat_map(|i| (1.0 + i as f32).to_ne_bytes());
            let mut inputs = vec![(words, numbers.collect())];
            if looks_up {
                inputs.push((which, 0_i32.to_ne_bytes().to_vec()));
            }
            compute_by(&mut [ours, cpu], context, result, &inputs);
        };
        write(false);
        assert!(in_memory() == all && numbers_of(heard) == found);
        write(true);
        assert!(numbers_of(heard) != found);
        write(false);
        assert!(in_memory() < all / 10, "{} pages of {all}", in_memory());
        let numbers = numbers_of(kept);
        let written = numbers.iter().enumerate().filter(|(_, x)| **x != 0.0);
        assert!(written.map(|(i, x)| x - i as f32).eq([1.0; BEGUN as usize]));
    }
}

/// What whisper.cpp does with the words' own weights: rows of them, times all of them. They are
/// needed as they were after they were rounded; and the next weights, used for products alone,
/// are let go.
#[test]
fn weights_that_are_used_otherwise_stay() {
    const COLUMNS: i64 = 512;
    const ROWS: i64 = 1032;
    const MANY: usize = MOST_BEAMS + 1;
    if !int8::tests::is_quick_here() {
        return;
    }
    // SAFETY: ggml's own way to compute, in memory that stays.
    unsafe {
        let of_weights = context();
        let tensor = |kind, columns, rows| sys::ggml_new_tensor_2d(of_weights, kind, columns, rows);
        let words = tensor(sys::ggml_type_GGML_TYPE_F16, COLUMNS, ROWS);
        let others = tensor(sys::ggml_type_GGML_TYPE_F16, COLUMNS, COLUMNS);
        let which = tensor(sys::ggml_type_GGML_TYPE_I32, 3, 1);
        let many = tensor(sys::ggml_type_GGML_TYPE_I32, MANY as i64, 1);
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
        (*many).data.cast::<[i32; MANY]>().write([5, 6, 7, 8, 9, 10, 1, 1031, 700]);

        let compute = |backends: &mut [BackendHandle], which| {
            let context = context();
            let rows = sys::ggml_get_rows(context, words, which);
            let rows = sys::ggml_mul_mat(context, others, rows);
            let product = sys::ggml_mul_mat(context, words, rows);
            compute_by(backends, context, product, &[]);
            numbers_of(product)
        };
        let (cpu, ours) = both(true);
        let theirs = compute(&mut [cpu], which);
        let [first, second] = [(); 2].map(|()| compute(&mut [ours, cpu], which));
        let spread = |of: &[f32]| of.iter().map(|x| x * x).sum::<f32>().sqrt();
        let off: Vec<f32> = theirs.iter().zip(&first).map(|(a, b)| a - b).collect();
        assert!(
            first != theirs && spread(&off) < 0.05 * spread(&theirs),
            "{} {}",
            spread(&off),
            spread(&theirs)
        );
        assert!(first == second, "the words' weights are gone");
        // Of more than there are beams the last one is asked for.
        let last = |of: &[f32]| of[of.len() - ROWS as usize..].to_vec();
        assert!(last(&compute(&mut [ours, cpu], many)) == last(&first));
        let is_gone = |weights: *const Tensor| {
            let halves = std::slice::from_raw_parts((*weights).data.cast::<u16>(), 512 * 512);
            halves.iter().filter(|&&half| half == 0).count() * 10 > halves.len() * 9
        };
        assert!(!is_gone(words) && is_gone(others) == cfg!(target_os = "linux"));
    }
}
