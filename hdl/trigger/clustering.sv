// clustering: connected components with moments, in one pass over the macro-pixels.
//
// Twin of Clustering in src/trigger/clustering.ts, which explains the algorithm; the order of the clusters
// is part of the contract. Input macro s18 and filtered s26 in raster order. Active macro-pixels, those at
// cfg_threshold_low or above, belong together when they are at most cfg_link (1 to 4) apart in both directions.
// Background takes 1 clock per macro-pixel. Measured beyond that, per row: 2 clocks at its end, 11 for a run
// on its own, 17 for a run that continues a cluster, 33 where two clusters merge, up to 2 ** (LABEL_BITS - 4)
// and 2 per open cluster for the search of open clusters, and as long as the unit behind needs for each cluster
// that is reported. s_ready is low meanwhile: put a row of macro-pixels of memory before it (fifo.sv in
// recoil_trigger.sv).
// Memory: 2 ** LABEL_BITS records of 423 bits, two lists of runs, 2 bits per column.
// m_record, 423 bits, from the top: x0 y0 x1 y1 (10 each), pixels 21, sum s38, peak 25, brightest s18,
// w 34, wx 44, wy 44, wxx 53, wxy 53, wyy 53.
`default_nettype none
module clustering #(
    parameter int LABEL_BITS  = 8,
    parameter int COLUMN_BITS = 10
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                start,               // a new frame
    input  wire         [24:0] cfg_threshold_low,
    input  wire         [24:0] cfg_threshold_high,
    input  wire         [ 2:0] cfg_link,
    input  wire         [15:0] cfg_minimum_pixels,
    input  wire                s_valid,
    output wire                s_ready,
    input  wire  signed [17:0] s_macro,
    input  wire  signed [25:0] s_filtered,
    input  wire                s_last_column,
    input  wire                s_last,
    output logic               m_valid,
    input  wire                m_ready,
    output logic       [422:0] m_record,
    output logic               done,                // high from the last cluster until the next start
    output logic        [31:0] active,
    output logic        [31:0] kept,
    output logic        [31:0] rejected,
    output logic        [31:0] dropped_runs
);
  localparam int L = LABEL_BITS;
  localparam int C = COLUMN_BITS;
  localparam logic [L:0] LABELS = 1 << L;
  localparam logic [39:0] EMPTY_BOX = {10'd1023, 10'd1023, 10'd0, 10'd0};

  localparam logic [4:0] IDLE = 0, INIT = 1, ACCEPT = 2, PRODUCT = 3, ABOVE_READ = 4, ABOVE = 5,
      FIND_READ = 6, FIND = 7, FOUND = 8, MERGE_READ = 9, MERGE = 10, ABOVE_NEXT = 11, ATTACH = 12,
      ADD = 13, ALLOCATE = 14, APPEND = 15, RUN_DONE = 16, RELABEL = 17, RELABEL_READ = 18,
      RELABEL_FIND = 19, RELABEL_WRITE = 20, SCAN = 21, SCAN_CHECK = 22, EMIT = 23, RELEASE = 24,
      ROW_DONE = 25;
  logic [4:0] state;
  assign s_ready = state == ACCEPT;

  // --- labels: parent, whether a run of this row has it, free list, records
  logic [L:0] parents[0:(1<<L)-1];
  logic [L-1:0] free_list[0:(1<<L)-1];
  logic [422:0] records[0:(1<<L)-1];
  logic [L-1:0] free_head, free_tail, free_next, label, find, parent, scan;
  logic seen;
  logic [L:0] free_count, remaining;
  logic [422:0] record_q, operand;
  logic have_label, relabelling, merged;

  // --- which labels are in use, 16 to a word: the scan jumps to the next one in the word at `scan`
  localparam int P = L < 5 ? 5 : L;
  logic [15:0] in_use[0:(1<<(P-4))-1];
  wire [L-1:0] in_use_label = state == ALLOCATE ? label : scan;
  wire [P-1:0] in_use_place = P'(in_use_label);
  wire [15:0] in_use_word = in_use[in_use_place[P-1:4]];
  wire [15:0] in_use_bit = 16'd1 << in_use_place[3:0];
  wire [15:0] ahead = in_use_word & (16'hFFFF << in_use_place[3:0]);
  logic [3:0] lowest;
  always_comb begin
    lowest = '0;
    for (int i = 15; i >= 0; i--) if (ahead[i]) lowest = 4'(i);
  end
  wire any_ahead = |ahead;
  wire [L-1:0] next_in_use = L'({in_use_place[P-1:4], lowest});
  wire [L-1:0] next_word = L'({in_use_place[P-1:4] + 1'b1, 4'b0});

  // --- runs of this row and of the row above, in two halves of one memory
  logic [2*C+L-1:0] run_list[0:(1<<C)-1];
  logic [2*C+L-1:0] run_q;
  logic half;
  logic [C-1:0] count, above_count, above, index;
  wire [C-1:0] above_x0 = run_q[2*C+L-1:C+L];
  wire [C-1:0] above_x1 = run_q[C+L-1:L];
  wire [L-1:0] above_label = run_q[L-1:0];

  // --- which macro-pixels an active one reaches: down its column, and from there to the right
  logic [1:0] reaches[0:(1<<C)-1];  // rows that are still reached in each column
  logic [1:0] stored_reach, span;
  logic first_row;
  wire [1:0] link = 2'(cfg_link - 3'd1);
  wire is_active = s_filtered >= $signed({1'b0, cfg_threshold_low});
  wire [1:0] reach = first_row ? 2'd0 : stored_reach;
  wire is_reached = is_active | reach != 2'd0;
  wire is_linked = is_reached | span != 2'd0;

  // --- the run being measured: linked from x0 to x1, active from active_x0 to active_x1
  logic in_run, row_end, frame_end;
  logic [C-1:0] x, y, x0, x1, active_x0, active_x1;
  logic [2*C-1:0] x_squared, y_squared;
  logic [C:0] run_pixels;
  logic signed [27:0] run_sum;
  logic [24:0] run_peak;
  logic signed [17:0] run_brightest;
  logic [23:0] run_w;
  logic [33:0] run_wx;
  logic [43:0] run_wxx;
  wire [43:0] run_wy = run_w * y;
  wire [52:0] run_wxy = run_wx * y;
  wire [52:0] run_wyy = run_w * y_squared;
  wire none_active = run_pixels == 0;
  wire [13:0] weight = ~is_active | s_macro[17] ? 14'd0 : (|s_macro[16:14]) ? 14'h3FFF : s_macro[13:0];

  // --- addition of two records
  wire [9:0] a_x0 = record_q[422:413], a_y0 = record_q[412:403], a_x1 = record_q[402:393], a_y1 = record_q[392:383];
  wire [9:0] b_x0 = operand[422:413], b_y0 = operand[412:403], b_x1 = operand[402:393], b_y1 = operand[392:383];
  wire [20:0] a_pixels = record_q[382:362], b_pixels = operand[382:362];
  wire [37:0] a_sum = record_q[361:324], b_sum = operand[361:324];
  wire [24:0] a_peak = record_q[323:299], b_peak = operand[323:299];
  wire signed [17:0] a_brightest = record_q[298:281], b_brightest = operand[298:281];
  wire [422:0] total = {
    a_x0 < b_x0 ? a_x0 : b_x0,
    a_y0 < b_y0 ? a_y0 : b_y0,
    a_x1 > b_x1 ? a_x1 : b_x1,
    a_y1 > b_y1 ? a_y1 : b_y1,
    a_pixels + b_pixels,
    a_sum + b_sum,
    a_peak > b_peak ? a_peak : b_peak,
    a_brightest > b_brightest ? a_brightest : b_brightest,
    record_q[280:247] + operand[280:247],
    record_q[246:203] + operand[246:203],
    record_q[202:159] + operand[202:159],
    record_q[158:106] + operand[158:106],
    record_q[105:53] + operand[105:53],
    record_q[52:0] + operand[52:0]
  };
  wire keep = a_peak >= cfg_threshold_high && a_pixels >= {5'b0, cfg_minimum_pixels};
  wire finished = ~seen | frame_end;

  // Nothing changes between two macro-pixels: one enable for all registers saves power, and simulation time.
  wire awake = rst | start | (state == ACCEPT ? s_valid : state != IDLE);
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      state   <= IDLE;
      m_valid <= 1'b0;
      done    <= 1'b0;
    end else if (start) begin
      state        <= INIT;
      done         <= 1'b0;
      m_valid      <= 1'b0;
      scan         <= '0;
      free_head    <= '0;
      free_tail    <= '0;
      free_count   <= LABELS;
      half         <= 1'b0;
      count        <= '0;
      above_count  <= '0;
      above        <= '0;
      in_run       <= 1'b0;
      merged       <= 1'b0;
      first_row    <= 1'b1;
      span         <= '0;
      x            <= '0;
      y            <= '0;
      x_squared    <= '0;
      y_squared    <= '0;
      active       <= '0;
      kept         <= '0;
      rejected     <= '0;
      dropped_runs <= '0;
    end else
      case (state)
        INIT: begin
          scan <= scan + 1'b1;
          if (&scan) state <= ACCEPT;
        end

        ACCEPT:
        if (s_valid) begin
          x <= x + 1'b1;
          x_squared <= x_squared + {{(C-1){1'b0}}, x, 1'b1};
          row_end <= s_last_column;
          frame_end <= s_last;
          in_run <= is_linked;
          if (is_reached) span <= link;
          else if (span != 2'd0) span <= span - 2'd1;
          if (is_linked) begin
            x1 <= x;
            if (!in_run) x0 <= x;
          end
          if (is_linked && !in_run) begin
            run_pixels <= {{C{1'b0}}, is_active};
            run_sum <= is_active ? 28'(s_macro) : 28'sd0;
            run_peak <= is_active ? s_filtered[24:0] : 25'd0;
            run_brightest <= is_active ? s_macro : -18'sd131072;
            run_w <= {10'b0, weight};
            run_wx <= weight * x;
            run_wxx <= weight * x_squared;
          end else if (is_active) begin
            run_pixels <= run_pixels + 1'b1;
            run_sum <= run_sum + 28'(s_macro);
            if (s_filtered[24:0] > run_peak) run_peak <= s_filtered[24:0];
            if (s_macro > run_brightest) run_brightest <= s_macro;
            run_w <= run_w + {10'b0, weight};
            run_wx <= run_wx + weight * x;
            run_wxx <= run_wxx + weight * x_squared;
          end
          if (is_active) begin
            active <= active + 32'd1;
            active_x1 <= x;
            if (!in_run || none_active) active_x0 <= x;
          end
          if (is_linked ? s_last_column : in_run) state <= PRODUCT;
          else if (s_last_column) state <= merged ? RELABEL : SCAN;
        end

        PRODUCT: begin
          operand <= {
            none_active ? EMPTY_BOX : {10'(active_x0), 10'(y), 10'(active_x1), 10'(y)}, 21'(run_pixels),
            {10{run_sum[27]}}, run_sum, run_peak, run_brightest,
            10'b0, run_w, 10'b0, run_wx, run_wy, 9'b0, run_wxx, run_wxy, run_wyy
          };
          have_label <= 1'b0;
          relabelling <= 1'b0;
          state <= ABOVE_READ;
        end

        ABOVE_READ: state <= above == above_count ? ATTACH : ABOVE;
        ABOVE: begin
          find <= above_label;
          if ({1'b0, above_x1} + 1'b1 < {1'b0, x0}) begin
            above <= above + 1'b1;
            state <= ABOVE_READ;
          end else if ({1'b0, above_x0} > {1'b0, x1} + 1'b1) state <= ATTACH;
          else state <= FIND_READ;
        end

        FIND_READ: state <= FIND;
        FIND:
        if (parent != find) begin
          find  <= parent;
          state <= FIND_READ;
        end else state <= relabelling ? RELABEL_WRITE : FOUND;

        FOUND: begin
          have_label <= 1'b1;
          if (!have_label) label <= find;
          state <= have_label && find != label ? MERGE_READ : ABOVE_NEXT;
        end
        MERGE_READ: state <= MERGE;
        MERGE: begin
          operand <= total;
          merged  <= 1'b1;
          state   <= ABOVE_NEXT;
        end
        ABOVE_NEXT:
        if (above_x1 > x1) state <= ATTACH;
        else begin
          above <= above + 1'b1;
          state <= ABOVE_READ;
        end

        ATTACH:
        if (have_label) state <= ADD;
        else if (free_count != 0) begin
          label      <= free_next;
          free_head  <= free_head + 1'b1;
          free_count <= free_count - 1'b1;
          state      <= ALLOCATE;
        end else begin
          dropped_runs <= dropped_runs + 32'd1;
          state        <= RUN_DONE;
        end
        ADD, ALLOCATE: state <= APPEND;
        APPEND: begin
          count <= count + 1'b1;
          state <= RUN_DONE;
        end
        RUN_DONE: begin
          in_run <= 1'b0;
          if (!row_end) state <= ACCEPT;
          else state <= merged ? RELABEL : SCAN;
        end

        RELABEL: begin
          index <= '0;
          relabelling <= 1'b1;
          state <= count == 0 ? SCAN : RELABEL_READ;
        end
        RELABEL_READ: state <= RELABEL_FIND;
        RELABEL_FIND: begin
          find  <= above_label;
          state <= FIND_READ;
        end
        RELABEL_WRITE: begin
          index <= index + 1'b1;
          state <= index + 1'b1 == count ? SCAN : RELABEL_READ;
        end

        // `remaining` counts the labels in use; the scan ends when all of them were seen.
        SCAN: begin
          if (row_end) begin
            row_end   <= 1'b0;
            scan      <= '0;
            remaining <= LABELS - free_count;
            if (free_count == LABELS) state <= ROW_DONE;
          end else if (remaining == 0) state <= ROW_DONE;
          else begin
            scan <= any_ahead ? next_in_use : next_word;
            if (any_ahead) state <= SCAN_CHECK;
          end
        end
        SCAN_CHECK: begin
          remaining <= remaining - 1'b1;
          if (parent != scan) state <= RELEASE;
          else if (!finished) begin
            scan  <= scan + 1'b1;
            state <= SCAN;
          end else if (keep) begin
            m_valid  <= 1'b1;
            m_record <= record_q;
            kept     <= kept + 32'd1;
            state    <= EMIT;
          end else begin
            rejected <= rejected + 32'd1;
            state    <= RELEASE;
          end
        end
        EMIT:
        if (m_ready) begin
          m_valid <= 1'b0;
          state   <= RELEASE;
        end
        RELEASE: begin
          free_tail  <= free_tail + 1'b1;
          free_count <= free_count + 1'b1;
          scan       <= scan + 1'b1;
          state      <= SCAN;
        end

        ROW_DONE: begin
          half        <= ~half;
          above_count <= count;
          count       <= '0;
          above       <= '0;
          merged      <= 1'b0;
          x           <= '0;
          x_squared   <= '0;
          span        <= '0;
          first_row   <= 1'b0;
          y           <= y + 1'b1;
          y_squared   <= y_squared + {{(C-1){1'b0}}, y, 1'b1};
          done        <= frame_end;
          state       <= frame_end ? IDLE : ACCEPT;
        end

        default: ;
      endcase

  // --- memory ports, one read and one write each
  wire reading_run = state == ABOVE_READ || state == RELABEL_READ;
  wire [C-1:0] run_address = state == RELABEL_READ ? {half, index[C-2:0]} : {~half, above[C-2:0]};
  always_ff @(posedge clk) begin
    if (reading_run) run_q <= run_list[run_address];
    if (state == APPEND) run_list[{half, count[C-2:0]}] <= {x0, x1, label};
    else if (state == RELABEL_WRITE) run_list[{half, index[C-2:0]}] <= {above_x0, above_x1, find};
  end

  wire visit = state == SCAN && !row_end && any_ahead;
  wire taken = state == ALLOCATE || state == ADD;
  wire [L-1:0] parent_read = state == SCAN ? next_in_use : find;
  wire [L-1:0] parent_write = state == MERGE ? find : state == SCAN_CHECK ? scan : label;
  always_ff @(posedge clk) begin
    if (state == FIND_READ || visit) {seen, parent} <= parents[parent_read];
    if (taken || state == MERGE || state == SCAN_CHECK)
      parents[parent_write] <= {taken, state == SCAN_CHECK ? parent : label};
  end

  wire [L-1:0] record_read = state == SCAN ? next_in_use : state == ATTACH ? label : find;
  always_ff @(posedge clk) begin
    if (visit || state == ATTACH || state == MERGE_READ) record_q <= records[record_read];
    if (state == ADD) records[label] <= total;
    else if (state == ALLOCATE) records[label] <= operand;
  end

  always_ff @(posedge clk) begin
    if (state == PRODUCT) free_next <= free_list[free_head];
    if (state == INIT) free_list[scan] <= scan;
    else if (state == RELEASE) free_list[free_tail] <= scan;
  end

  always_ff @(posedge clk)
    if (state == INIT || state == ALLOCATE || state == RELEASE)
      in_use[in_use_place[P-1:4]] <=
          state == INIT ? 16'd0 : state == ALLOCATE ? in_use_word | in_use_bit : in_use_word & ~in_use_bit;

  // Reach of the macro-pixel that comes next: read while the one before it is taken.
  wire [C-1:0] next_x = state == ROW_DONE ? '0 : x + 1'b1;
  wire place = state == ACCEPT & s_valid;
  always_ff @(posedge clk) begin
    if (place || state == ROW_DONE) stored_reach <= reaches[next_x];
    if (place) reaches[x] <= is_active ? link : reach == 2'd0 ? 2'd0 : reach - 2'd1;
  end
endmodule
`default_nettype wire
