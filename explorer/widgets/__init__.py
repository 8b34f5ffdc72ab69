"""Small Qt parts that panels and views share."""
