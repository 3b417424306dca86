// lite_copy: AXI4-Lite master that copies `length` words from `from` to `to`, and counts error responses.
`default_nettype none
module lite_copy (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    input  wire  [15:0] from,
    input  wire  [15:0] to,
    input  wire  [ 7:0] length,
    output wire         busy,
    output logic [ 7:0] errors,
    output logic        m_axil_arvalid,
    input  wire         m_axil_arready,
    output wire  [15:0] m_axil_araddr,
    input  wire         m_axil_rvalid,
    output wire         m_axil_rready,
    input  wire  [31:0] m_axil_rdata,
    input  wire  [ 1:0] m_axil_rresp,
    output logic        m_axil_awvalid,
    input  wire         m_axil_awready,
    output wire  [15:0] m_axil_awaddr,
    output logic        m_axil_wvalid,
    input  wire         m_axil_wready,
    output logic [31:0] m_axil_wdata,
    output wire  [ 3:0] m_axil_wstrb,
    input  wire         m_axil_bvalid,
    output wire         m_axil_bready,
    input  wire  [ 1:0] m_axil_bresp
);
  logic [7:0] index, left;
  logic reading, writing;

  assign busy          = left != 0;
  assign m_axil_araddr = from + {6'd0, index, 2'd0};
  assign m_axil_awaddr = to + {6'd0, index, 2'd0};
  assign m_axil_wstrb  = 4'b0111;
  assign m_axil_rready = reading & ~m_axil_arvalid;
  assign m_axil_bready = writing & ~m_axil_awvalid & ~m_axil_wvalid;

  always_ff @(posedge clk) begin
    if (m_axil_arready) m_axil_arvalid <= 1'b0;
    if (m_axil_awready) m_axil_awvalid <= 1'b0;
    if (m_axil_wready) m_axil_wvalid <= 1'b0;
    if (rst) begin
      {m_axil_arvalid, m_axil_awvalid, m_axil_wvalid, reading, writing} <= '0;
      left   <= '0;
      errors <= '0;
    end else if (start & ~busy) begin
      left  <= length;
      index <= '0;
    end else if (busy & ~reading & ~writing) begin
      reading        <= 1'b1;
      m_axil_arvalid <= 1'b1;
    end else if (m_axil_rready & m_axil_rvalid) begin
      reading        <= 1'b0;
      writing        <= 1'b1;
      m_axil_wdata   <= m_axil_rdata;
      m_axil_awvalid <= 1'b1;
      m_axil_wvalid  <= 1'b1;
      errors         <= errors + 8'(m_axil_rresp != 0);
    end else if (m_axil_bready & m_axil_bvalid) begin
      writing <= 1'b0;
      errors  <= errors + 8'(m_axil_bresp != 0);
      index   <= index + 8'd1;
      left    <= left - 8'd1;
    end
  end
endmodule
`default_nettype wire
