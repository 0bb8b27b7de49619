-- A lead counts as a customer's history also where it was qualified before it became theirs. So leads are found like the
-- other rows that became a customer's, and their statuses by change_record.
DROP INDEX change_lead_customer;
DROP INDEX change_customer;
CREATE INDEX change_customer ON change ((after->>'customer_id'))
  WHERE table_name IN ('ticket', 'invoice', 'message', 'lead')
    AND before->>'customer_id' IS DISTINCT FROM after->>'customer_id';
