-- The same country as the peers would model it: plain tables, natural keys of the tree, no authority.
CREATE SCHEMA peer;
CREATE TABLE peer.country AS SELECT id, name_kk AS name FROM country;
CREATE TABLE peer.body AS
  SELECT b.id, n.parent_id AS country_id, b.name_kk AS name FROM state_body b JOIN node n USING (id);
CREATE TABLE peer.program AS
  SELECT p.id, n.parent_id AS body_id, p.name_kk AS name FROM program p JOIN node n USING (id);
CREATE TABLE peer.direction AS
  SELECT d.id, n.parent_id AS program_id, d.name_kk AS name
  FROM basic_direction d JOIN node n USING (id);
CREATE TABLE peer.project_group AS
  SELECT g.id, n.parent_id AS direction_id, g.name_kk AS name
  FROM project_group g JOIN node n USING (id);
CREATE TABLE peer.project AS
  SELECT p.id, n.parent_id AS group_id, n.program_scope_id AS program_id, p.number, p.name_kk AS name,
    n.stage, p.starts_on, p.ends_on, (p.budget_minor * 0.01)::numeric(20, 2) AS amount, p.currency
  FROM project p JOIN node n USING (id);
CREATE TABLE peer.person AS SELECT id, full_name FROM person;
CREATE TABLE peer.appointment AS
  SELECT a.id, a.person_id, a.node_id AS project_id, a.role
  FROM appointment a JOIN project p ON p.id = a.node_id;

ALTER TABLE peer.country ADD PRIMARY KEY (id);
ALTER TABLE peer.body ADD PRIMARY KEY (id), ADD FOREIGN KEY (country_id) REFERENCES peer.country;
ALTER TABLE peer.program ADD PRIMARY KEY (id), ADD FOREIGN KEY (body_id) REFERENCES peer.body;
ALTER TABLE peer.direction
  ADD PRIMARY KEY (id), ADD FOREIGN KEY (program_id) REFERENCES peer.program;
ALTER TABLE peer.project_group
  ADD PRIMARY KEY (id), ADD FOREIGN KEY (direction_id) REFERENCES peer.direction;
ALTER TABLE peer.project
  ADD PRIMARY KEY (id),
  ADD FOREIGN KEY (group_id) REFERENCES peer.project_group,
  ADD FOREIGN KEY (program_id) REFERENCES peer.program;
ALTER TABLE peer.person ADD PRIMARY KEY (id);
ALTER TABLE peer.appointment
  ADD PRIMARY KEY (id),
  ADD FOREIGN KEY (person_id) REFERENCES peer.person,
  ADD FOREIGN KEY (project_id) REFERENCES peer.project;
CREATE INDEX ON peer.body (country_id);
CREATE INDEX ON peer.program (body_id);
CREATE INDEX ON peer.direction (program_id);
CREATE INDEX ON peer.project_group (direction_id);
CREATE INDEX ON peer.project (program_id, stage, currency) INCLUDE (amount);
CREATE INDEX ON peer.project (group_id, number, id);
CREATE INDEX ON peer.project (stage, ends_on, id);
CREATE INDEX ON peer.project (ends_on, id);
CREATE INDEX ON peer.appointment (project_id);
CREATE INDEX ON peer.appointment (person_id);
ANALYZE;
