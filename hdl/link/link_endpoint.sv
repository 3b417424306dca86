// link_endpoint: the device's side of the link (docs/link.md), for any carrier of frames.
//
//   s_*, m_*    frames from and to the host: bytes; s_end is a beat without a byte (see receive_slots), m_last is with
//               the last byte
//   reg_*       one access at a time: reg_valid stays until reg_ready, which lasts one clock; reg_read_data is with it
//   m_axis_*    bytes of the pixels stream; s_axis_* bytes of the events stream, tlast ends a message
//   session     one clock: a session begins, forget the frame at hand and all packets; from the next clock on
//               s_axis may only bring new ones
// The protocol is a program (src/gateware/link-program) on link_processor; payload moves beside it, one byte per clock
// with CRC_BITS 8. A request waits until the reply to the one before is out; frames of the streams do not wait for it.
// The host may send 2 ** RX_SLOT_BITS - 1 frames ahead: one slot receives. PAYLOAD 248 to 4084, a multiple of 4;
// REGISTERS up to 16383; TX_SLOT_BITS 1 to 3. After `rst` the counters are 0 and there is no session.
`default_nettype none
module link_endpoint #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd12000000,
    parameter int REGISTERS = 31,
    parameter int RX_SLOT_BITS = 2,
    parameter int TX_SLOT_BITS = 1,
    parameter int PAYLOAD = 500,
    parameter int CRC_BITS = 8
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         s_valid,
    output wire         s_ready,
    input  wire  [ 7:0] s_data,
    input  wire         s_end,
    input  wire         s_abort,
    output wire         m_valid,
    input  wire         m_ready,
    output wire  [ 7:0] m_data,
    output wire         m_last,
    output wire         reg_valid,
    output wire         reg_write,
    output logic [15:0] reg_address,
    output wire  [31:0] reg_write_data,
    input  wire         reg_ready,
    input  wire  [31:0] reg_read_data,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [ 7:0] m_axis_tdata,
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [ 7:0] s_axis_tdata,
    input  wire         s_axis_tlast,
    output wire         session
);
  localparam int O = $clog2(PAYLOAD + 12);

  // Processor and program.
  wire [8:0] read_address, write_address;
  wire [15:0] read_data, write_data, accumulator;
  wire write_enable, execute, receive_read;
  wire [14:0] instruction;
  wire unused_instruction = &instruction[8:7];
  wire [TX_SLOT_BITS-1:0] index;
  wire [31:6] conditions;
  wire [7:0] in_data;
  wire out = execute & instruction[14:12] == 3'd6;
  wire act = execute & instruction[14:12] == 3'd7;
  wire set_flag = act & instruction[11:9] == 3'd0;
  wire access = act & instruction[11:9] == 3'd1;
  wire set_address = act & instruction[11:9] == 3'd2;
  wire start = act & instruction[11:9] == 3'd4;
  wire strobe = act & instruction[11:9] == 3'd5;
  wire release_frame = strobe & instruction[0];
  wire keep = strobe & instruction[1];
  wire slot_seen = strobe & instruction[3];
  wire closed_seen = strobe & instruction[4];
  wire rewind = strobe & instruction[5];
  wire fill = strobe & instruction[6];
  wire header_valid = out & ~instruction[9];
  wire header_ready;
  assign session = strobe & instruction[2];

  link_processor #(
      .INDEX_BITS(TX_SLOT_BITS)
  ) link_processor_i (
      .clk(clk),
      .rst(rst),
      .read_address(read_address),
      .read_data(read_data),
      .write_enable(write_enable),
      .write_address(write_address),
      .write_data(write_data),
      .conditions(conditions),
      .execute(execute),
      .instruction(instruction),
      .hold((header_valid & ~header_ready) | (access & ~reg_ready)),
      .receive_read(receive_read),
      .in_data(in_data),
      .accumulator(accumulator),
      .index(index)
  );

  link_program #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(CLOCK_HZ),
      .REGISTERS(16'(REGISTERS)),
      .PAYLOAD(16'(PAYLOAD)),
      .RX_SLOTS(16'((1 << RX_SLOT_BITS) - 1)),
      .TX_SLOTS(16'(1 << TX_SLOT_BITS))
  ) link_program_i (
      .clk(clk),
      .read_address(read_address),
      .read_data(read_data),
      .write_enable(write_enable),
      .write_address(write_address),
      .write_data(write_data)
  );

  // Session, request known, reply due, hello due, error due, credit due, retransmit due, retransmit asked, credit sent
  // since the last event, waiting request.
  logic [9:0] flags;
  always_ff @(posedge clk)
    if (rst) flags <= 10'h000;
    else if (session) flags <= 10'h001;
    else if (set_flag) flags[instruction[3:0]] <= instruction[4];

  // Frames from the host.
  wire frame, damaged, crc_ok, full, slot_free;
  wire [O:0] length;
  wire [7:0] frame_data;

  receive_slots #(
      .PAYLOAD  (PAYLOAD),
      .SLOT_BITS(RX_SLOT_BITS),
      .CRC_BITS (CRC_BITS)
  ) receive_slots_i (
      .clk(clk),
      .rst(rst),
      .s_valid(s_valid),
      .s_ready(s_ready),
      .s_data(s_data),
      .s_end(s_end),
      .s_abort(s_abort),
      .frame(frame),
      .damaged(damaged),
      .crc_ok(crc_ok),
      .length(length),
      .read(receive_read),
      .frame_data(frame_data),
      .release_frame(release_frame),
      .keep(keep),
      .full(full),
      .slot_free(slot_free),
      .slot_seen(slot_seen),
      .flush(session),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tdata(m_axis_tdata)
  );

  // Register bus: the last four bytes read of a frame are the word to write.
  logic [31:0] word;
  wire shift = execute & instruction[14:12] == 3'd5 & ~instruction[10];
  assign reg_valid = access;
  assign reg_write = instruction[0];
  assign reg_write_data = word;
  always_ff @(posedge clk) begin
    if (set_address) reg_address <= accumulator;
    if (access & reg_ready & ~reg_write) word <= reg_read_data;
    else if (shift) word <= {frame_data, word[31:8]};
  end

  // Payload of the last reply, for repeats.
  (* no_rw_check *) logic [7:0] reply[0:(1<<O)-1];
  logic [7:0] reply_data;
  logic [O-1:0] reply_offset;
  wire put = out & instruction[9];
  wire [O-1:0] payload_offset;
  always_ff @(posedge clk) begin
    if (rewind) reply_offset <= '0;
    else if (put) reply_offset <= reply_offset + 1'b1;
    if (put) reply[reply_offset] <= accumulator[7:0];
    reply_data <= reply[payload_offset];
  end

  // Events stream.
  wire filling, closed, closed_last;
  wire [O-1:0] filled;
  wire [7:0] event_data;
  logic [TX_SLOT_BITS-1:0] event_slot;

  event_slots #(
      .PAYLOAD  (PAYLOAD),
      .SLOT_BITS(TX_SLOT_BITS)
  ) event_slots_i (
      .clk(clk),
      .rst(rst),
      .flush(session),
      .fill(fill),
      .fill_slot(accumulator[TX_SLOT_BITS-1:0]),
      .filling(filling),
      .closed(closed),
      .closed_last(closed_last),
      .closed_seen(closed_seen),
      .length(filled),
      .read_slot(event_slot),
      .read_offset(payload_offset),
      .read_data(event_data),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tdata(s_axis_tdata),
      .s_axis_tlast(s_axis_tlast)
  );

  // Frames to the host.
  wire busy;
  logic from_reply;
  always_ff @(posedge clk) begin
    if (!busy) event_slot <= index;
    if (start) from_reply <= instruction[0];
  end

  frame_transmitter #(
      .OFFSET_BITS(O),
      .CRC_BITS(CRC_BITS)
  ) frame_transmitter_i (
      .clk(clk),
      .rst(rst),
      .header_valid(header_valid),
      .header_ready(header_ready),
      .header_data(accumulator[7:0]),
      .start(start),
      .length(accumulator[O-1:0]),
      .busy(busy),
      .read_offset(payload_offset),
      .payload_data(from_reply ? reply_data : event_data),
      .m_valid(m_valid),
      .m_ready(m_ready),
      .m_data(m_data),
      .m_last(m_last)
  );

  // What the program can see.
  wire [7:0] filled_high = {{16 - O{1'b0}}, filled[O-1:8] & {O - 8{instruction[0]}}};
  wire [7:0] received = instruction[9] ? word[7:0] : frame_data;
  assign in_data = instruction[10] ? (instruction[9] ? filled_high : filled[7:0]) : received;
  assign conditions = {
    4'd0,
    length[O],
    flags,
    filling,
    full,
    closed_last,
    closed,
    slot_free,
    busy & from_reply,
    busy,
    crc_ok,
    damaged,
    frame,
    length == accumulator[O:0]
  };
endmodule
`default_nettype wire
