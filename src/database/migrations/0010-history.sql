-- What a customer ever had, also where the rows are gone: a deletion is judged by it (src/domain/contact/history.ts).

-- Each row that became a customer's: it was created for them, or moved to them.
CREATE INDEX change_customer ON change ((after->>'customer_id'))
  WHERE table_name IN ('ticket', 'invoice', 'message') AND before->>'customer_id' IS DISTINCT FROM after->>'customer_id';

CREATE INDEX change_lead_customer ON change ((after->>'customer_id'))
  WHERE table_name = 'lead' AND after->>'status' IN ('qualified', 'converted');

-- The prices that a visit ever had.
CREATE INDEX change_line ON change ((coalesce(after, before)->>'ticket_id')) WHERE table_name = 'line_item';
