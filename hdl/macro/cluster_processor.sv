// cluster_processor: clustering, features, classifier and event packet on macro-pixels, for small boards.
//
// Twin of clustering, features, network and packet writer of src/trigger/datapath.ts, byte for byte. A machine of
// 16 bits runs a program: src/gateware/cluster-program, instruction-set.ts and cluster-program.ts there.
//   start       before the first macro-pixel of a frame, while idle is high; rst forgets frame and packet at any time
//   cfg_*       settings and frame words, all read once after `start` and before the first macro-pixel is taken; the
//               address stands until cfg_grant, cfg_data must be valid in the clock after that one
//   s_*         content s18 in ADU, filter output s26, raster order; held until s_ready, which is high for one clock
//   m_axis_*    the event packet as bytes; frame_done is high for one clock after its last byte was taken
// At most MACRO_SIDE (to 1024) columns and rows, 2 ** LABEL_BITS (to 8) open clusters.
// Measured clocks: 50 for a macro-pixel of the background, 540 (link 1) to 730 (link 4) for an active one, 1500 to
// 4200 for a run and cluster of one, 30000 for a cluster that is reported, 10 for each column of MACRO_SIDE at start.
// Memory: a line_memory of END words (1364 for 256 and 4, 12548 for 576 and 8), program memory of 768 words and as logic.
`default_nettype none
module cluster_processor #(
    parameter int MACRO_SIDE = 256,
    parameter int LABEL_BITS = 4
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               start,
    output wire               idle,
    output wire               frame_done,
    output wire               cfg_request,
    output wire         [4:0] cfg_address,
    input  wire               cfg_grant,
    input  wire        [31:0] cfg_data,
    input  wire               s_valid,
    output wire               s_ready,
    input  wire signed [17:0] s_content,
    input  wire signed [25:0] s_filtered,
    input  wire               s_last_column,
    input  wire               s_last,
    output logic              m_axis_tvalid,
    input  wire               m_axis_tready,
    output logic        [7:0] m_axis_tdata,
    output logic              m_axis_tlast
);
  // --- addresses, as memoryLayout() in src/gateware/cluster-program/memory.ts
  localparam int BLOCKS = 128 + MACRO_SIDE;
  localparam int ENTRIES = (MACRO_SIDE + 3) / 4 * (1 + 2 * ((MACRO_SIDE + 127) / 128));
  localparam int RECORDS = (BLOCKS + ENTRIES + 20) / 4 * 4;
  localparam int END = RECORDS + (40 << LABEL_BITS);
  localparam int M = $clog2(END);

  localparam logic [3:0] LDA = 0, STA = 1, ADD = 2, ADC = 3, SUB = 4, SBC = 5, AND = 6, OR = 7, MUL = 8, LDP = 9,
      LDQ = 10, LDN = 11, OUT = 12, ROR = 13, ASR = 14, ACT = 15;
  localparam logic [3:0] RET = 0, WAIT = 1, TAKE = 2, HALT = 3, LPM = 4, CLC = 5, SEC = 6, CLH = 7, OUTB = 8, LAST = 9;
  localparam logic [1:0] IDLE = 0, LOAD = 1, DECODE = 2, EXECUTE = 3;
  logic [1:0] state;
  wire decode = state == DECODE;
  wire execute = state == EXECUTE;
  assign idle = state == IDLE;

  // --- the instruction: it stands in the register of the program memory during DECODE and EXECUTE
  wire [15:0] instruction;
  logic [10:0] pc;
  logic [10:0] calls[0:3];
  wire is_jump = instruction[15];
  wire [3:0] operation = instruction[14:11];
  wire [2:0] mode = instruction[10:8];
  wire [15:0] immediate = {{8{instruction[7]}}, instruction[7:0]};
  wire acting = ~is_jump & operation == ACT & mode == 3'd0;
  wire [3:0] action = instruction[3:0];

  // --- registers
  logic [15:0] a, h;
  logic carry, ending;
  logic [13:0] p, q;
  logic [7:0] n;

  // --- memory: the address stands until the end of the instruction, when P or Q steps
  wire on_q = mode[0];
  wire stepping = mode[2] & mode[1];
  wire [13:0] base = mode == 3'd1 ? 14'd0 : on_q ? q : p;
  wire [13:0] moved = base + immediate[13:0];
  wire [M-1:0] address = stepping ? base[M-1:0] : moved[M-1:0];
  wire [15:0] memory_data;
  line_memory #(
      .DEPTH(END)
  ) memory_i (
      .clk,
      .address(address),
      .write_enable(decode & ~is_jump & operation == STA),
      .write_data(a),
      .read_data(memory_data)
  );

  // --- the operand
  wire setting = mode == 3'd5 & instruction[7];
  logic granted;
  assign cfg_request = execute & ~is_jump & setting & ~granted;
  assign cfg_address = instruction[4:0];
  wire [15:0] content_lower = s_content[15:0], filtered_lower = s_filtered[15:0];
  wire [15:0] content_upper = {{14{s_content[17]}}, s_content[17:16]};
  wire [15:0] filtered_upper = {{6{s_filtered[25]}}, s_filtered[25:16]};
  logic [15:0] port;
  always_comb
    case (action)
      4'd0: port = a;
      4'd1: port = h;
      4'd2: port = {2'b0, p};
      4'd3: port = {2'b0, q};
      4'd4: port = content_lower;
      4'd5: port = content_upper;
      4'd6: port = filtered_lower;
      4'd7: port = filtered_upper;
      4'd8: port = {14'b0, s_last, s_last_column};
      4'd9: port = 16'(BLOCKS);
      4'd10: port = 16'(RECORDS);
      default: port = 16'(END);
    endcase
  wire [15:0] setting_half = instruction[5] ? cfg_data[31:16] : cfg_data[15:0];
  wire [15:0] raised = {instruction[7:0], 8'b0};
  wire setting_port = instruction[7];
  logic [15:0] operand;
  always_comb
    case (mode)
      3'd0: operand = immediate;
      3'd4: operand = raised;
      3'd5: operand = setting_port ? setting_half : port;
      default: operand = memory_data;
    endcase

  // --- sum, and the sum of a step of a product
  wire subtracts = operation == SUB | operation == SBC;
  wire carry_in = operation == ADC | operation == SBC ? carry : operation == SUB;
  wire [16:0] sum = {1'b0, a} + {1'b0, operand ^ {16{subtracts}}} + {16'b0, carry_in};
  wire [16:0] upper = {1'b0, h} + {1'b0, operand & {16{a[0]}}};

  // --- output of bytes, and what an instruction waits for
  wire push = ~m_axis_tvalid | m_axis_tready;
  logic second_byte;
  logic [3:0] step;
  wire outputs_pair = ~is_jump & operation == OUT;
  wire outputs_byte = acting & action == OUTB;
  logic finished;
  always_comb
    if (is_jump) finished = 1'b1;
    else if (outputs_pair) finished = push & second_byte;
    else if (operation == MUL) finished = &step;
    else if (setting) finished = granted;
    else if (acting)
      case (action)
        WAIT: finished = s_valid;
        OUTB: finished = push;
        HALT: finished = ~m_axis_tvalid;
        default: finished = 1'b1;
      endcase
    else finished = 1'b1;
  wire done = execute & finished;
  assign s_ready = execute & acting & action == TAKE;
  assign frame_done = done & acting & action == HALT;

  always_ff @(posedge clk)
    if (rst) begin
      m_axis_tvalid <= 1'b0;
      second_byte   <= 1'b0;
    end else begin
      if (push) m_axis_tvalid <= execute & (outputs_pair | outputs_byte);
      if (push & execute) second_byte <= outputs_pair & ~second_byte;
    end
  always_ff @(posedge clk)
    if (push) begin
      m_axis_tdata <= second_byte ? operand[15:8] : outputs_pair ? operand[7:0] : a[7:0];
      m_axis_tlast <= second_byte & ending;
    end

  // --- sequence
  wire negative = a[15];
  logic jumps;
  always_comb
    case (operation)
      4'd0, 4'd1: jumps = 1'b1;
      4'd2: jumps = a == 16'd0;
      4'd3: jumps = a != 16'd0;
      4'd4: jumps = negative;
      4'd5: jumps = ~negative;
      4'd6: jumps = carry;
      4'd7: jumps = ~carry;
      default: jumps = n != 8'd1;
    endcase
  wire returns = acting & action == RET;
  wire loads = acting & action == LPM;
  cluster_program program_i (
      .clk,
      .enable(done | state == LOAD),
      .address(loads & execute ? p[10:0] : pc),
      .word(instruction)
  );

  always_ff @(posedge clk)
    if (rst) state <= IDLE;
    else
      case (state)
        IDLE: if (start) state <= LOAD;
        LOAD: state <= DECODE;
        DECODE: state <= EXECUTE;
        default: if (finished) state <= acting & action == HALT ? IDLE : loads ? LOAD : DECODE;
      endcase

  always_ff @(posedge clk) begin
    if (state == IDLE) pc <= '0;
    else if (decode) pc <= is_jump & jumps ? instruction[10:0] : returns ? calls[0] : pc + 11'd1;
    if (decode & is_jump & operation == 4'd1) begin
      calls[0] <= pc + 11'd1;
      calls[1] <= calls[0];
      calls[2] <= calls[1];
      calls[3] <= calls[2];
    end else if (decode & returns) begin
      calls[0] <= calls[1];
      calls[1] <= calls[2];
      calls[2] <= calls[3];
    end
  end

  always_ff @(posedge clk) begin
    step <= execute ? step + 4'd1 : 4'd0;
    granted <= cfg_request & cfg_grant;
    if (state == IDLE) ending <= 1'b0;
    else if (done & acting & action == LAST) ending <= 1'b1;

    if (done & ~is_jump & operation == LDN) n <= operand[7:0];
    else if (decode & is_jump & operation == 4'd8) n <= n - 8'd1;

    if (state == LOAD) p <= p + 14'd1;
    else if (done & ~is_jump) begin
      if (operation == LDP) p <= operand[13:0];
      else if (stepping & ~on_q) p <= moved;
    end
    if (done & ~is_jump) begin
      if (operation == LDQ) q <= operand[13:0];
      else if (stepping & on_q) q <= moved;
    end

    if (execute & ~is_jump & operation == MUL) h <= upper[16:1];
    else if (done & acting & action == CLH) h <= '0;

    if (state == LOAD) a <= instruction;
    else if (execute & ~is_jump)
      case (operation)
        LDA: a <= operand;
        ADD, ADC, SUB, SBC: a <= sum[15:0];
        AND: a <= a & operand;
        OR: a <= a | operand;
        MUL: a <= {upper[0], a[15:1]};
        ROR: a <= {carry, operand[15:1]};
        ASR: a <= {operand[15], operand[15:1]};
        default: ;
      endcase
    if (done & ~is_jump)
      case (operation)
        ADD, ADC, SUB, SBC: carry <= sum[16];
        ROR, ASR: carry <= operand[0];
        ACT: if (acting & (action == CLC | action == SEC)) carry <= action == SEC;
        default: ;
      endcase
  end
endmodule
`default_nettype wire
