// records_rx: records of a DMA channel (64-bit AXI4-Stream) to the bytes of frames; see docs/link.md.
//
// m_* as hdlc_rx. One byte per clock; 8 clocks per beat of a record, and one more behind it. What is no record gives one
// damaged frame and is skipped to the next magic. tlast and tkeep of the channel are not needed: lengths say it all.
`default_nettype none
module records_rx #(
    parameter int PAYLOAD = 500
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [63:0] s_axis_tdata,
    output wire         m_valid,
    input  wire         m_ready,
    output wire  [ 7:0] m_data,
    output wire         m_end,
    output wire         m_abort
);
  wire [31:0] magic = s_axis_tdata[31:0];
  wire [31:0] length = s_axis_tdata[63:32];
  wire right = magic == 32'h4C494E4B & length >= 32'd12 & length <= 32'(PAYLOAD + 12);
  wire nothing = magic == 0 & length == 0;

  // `body`: the beat belongs to a record of which `left` bytes are still to come; `ending`: its end is to be told.
  logic body, ending, lost;
  logic [15:0] left;
  logic [2:0] lane;
  wire last = left == 16'd1;
  wire fault = s_axis_tvalid & ~body & ~ending & ~right & ~nothing & ~lost;

  assign m_valid = ending | fault | (body & s_axis_tvalid);
  assign m_end = ending | fault;
  assign m_abort = fault;
  assign m_data = s_axis_tdata[8*lane+:8];
  assign s_axis_tready = body ? m_ready & (last | (&lane)) : ~ending & (~fault | m_ready);

  always_ff @(posedge clk)
    if (rst) begin
      body   <= 1'b0;
      ending <= 1'b0;
      lost   <= 1'b0;
      lane   <= 3'd0;
    end else if (ending) ending <= ~m_ready;
    else if (body) begin
      if (m_valid & m_ready) begin
        left   <= left - 1'b1;
        lane   <= last ? 3'd0 : lane + 1'b1;
        body   <= ~last;
        ending <= last;
      end
    end else if (s_axis_tvalid & s_axis_tready) begin
      body <= right;
      left <= length[15:0];
      lost <= right ? 1'b0 : lost | ~nothing;
    end
endmodule
`default_nettype wire
